// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

@Suite struct RecordBatchTests {
  private func bytes(of batch: borrowing RecordBatch) -> [UInt8] {
    var bytes: [UInt8] = []
    batch.withBytes { bytes = [UInt8]($0) }
    return bytes
  }

  @Test func `what is appended stands one behind the other`() {
    var batch = RecordBatch([1, 2])
    batch.append([3])
    batch.append([])
    batch.append([4, 5])
    #expect(bytes(of: batch) == [1, 2, 3, 4, 5])
    #expect(batch.count == 5)
  }

  @Test func `a batch used again shows nothing of what it held`() {
    var batch = RecordBatch([1, 2, 3])
    batch.removeAll()
    #expect(batch.isEmpty)
    #expect(bytes(of: batch) == [])
    batch.append([9])
    #expect(bytes(of: batch) == [9])
  }
}
