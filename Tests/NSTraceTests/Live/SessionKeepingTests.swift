// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive
@testable import nstrace

extension LiveTests {
  /// What a tracer writes into the keeper of its sessions, and when (docs/identity.md).
  @Suite struct SessionKeepingTests {
    /// A batch is 64 records at most, and 16 may be held.
    @Test func `numbers are left out for what is held, and not for what was`() throws {
      let fs = try PrivateBPFFS()
      let keeper = try Keeper(at: fs.keep)
      let numbers = SessionNumbers(keeper)
      var batch = RecordBatch()
      batch.append([UInt8](repeating: 0, count: 1024))
      for most in [64, 80, 80] as [UInt32] {
        numbers.take(batch)
        #expect(keeper.lastSession == most)
        numbers.settle(at: 0, heldBytes: 256, unfound: 0)
        #expect(keeper.lastSession == 16)
      }
      numbers.settle(at: 0, heldBytes: 256, unfound: 5)
      #expect(keeper.lastSession == 21)
      numbers.settle(at: 3, heldBytes: 0, unfound: 0)
      #expect(keeper.lastSession == 3)
    }
  }
}
