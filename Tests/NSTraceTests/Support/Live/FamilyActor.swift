// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Glibc

/// `nsactor family`: a process that waits, and then forks a family as fast as it can.
struct FamilyActor: ~Copyable {
  var process: ChildProcess
  let births: Int

  init(in trace: inout LiveTrace, births: Int = 24, startingAfter microseconds: Int = 0) throws {
    var process = try trace.start(
      BuiltProducts.nsactor, ["family", "\(births)", "\(microseconds)"], input: .open)
    try process.wait(for: "the actor") { $0.outputText.contains("target.tid=") }
    self.process = process
    self.births = births
  }

  var tid: UInt32 { UInt32(process.pid) }

  func begin() { process.send(SIGUSR1) }

  mutating func waitUntilDone(_ trace: inout LiveTrace) throws {
    let (tid, births) = (tid, births)
    let done = "target.done=\(births)\n"
    try process.wait(for: "the family") { $0.outputText.contains(done) || $0.status != nil }
    try trace.drain(until: "the family's births") {
      $0.tree.forks.count { $0.parent_tid == tid } == 2 * births
    }
  }

  /// Ends the actor and its family, and reads until the tracker has seen it.
  mutating func end(_ trace: inout LiveTrace) throws {
    begin()
    process.closeInput()
    try trace.follow(&process)
  }
}
