// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTraceLive
import Testing

@testable import nstrace

/// What a tracer does that cannot use a keeper.
@Suite struct KeeperErrorTests {
  @Test(arguments: [
    KeeperError.none("k"), .notMade("k", errno: EROFS), .noBPFFS("k"), .notLoaded(errno: EPERM),
  ])
  func `where no keeper can be, a tracer registers`(_ error: KeeperError) {
    #expect(!error.leavesRegistrations)
    #expect(ControlReply.Refusal.ofRegistrations(by: nil, error)?.name == nil)
  }

  /// A process may have an ID that this tracer does not see.
  @Test(arguments: [
    KeeperError.half("k"), .foreign("k", pin: "state"), .version("k", 2),
    .unreadable("k", errno: EACCES), .notOurs("k"), .otherMounts("k"),
  ])
  func `where one is that cannot be used, it does not`(_ error: KeeperError) {
    #expect(error.leavesRegistrations)
    let refusal = ControlReply.Refusal.ofRegistrations(by: nil, error)
    #expect(refusal?.name == "EROFS")
    #expect(refusal?.message == "this tracer registers no containers: \(error)")
  }

  @Test func `nor where another tracer does`() {
    #expect(KeeperError.claimed("k").leavesRegistrations)
    let refusal = ControlReply.Refusal.ofRegistrations(by: nil, .claimed("k"))
    #expect(refusal?.message.hasPrefix("this tracer only reads") == true)
  }

  @Test func `without a keeper, by --no-keep, it registers`() {
    #expect(ControlReply.Refusal.ofRegistrations(by: nil, nil)?.name == nil)
  }
}
