// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

extension LiveTests {
  /// What the kernel side carries after a registration (R1, R5, R6).
  @Suite struct KernelRegistrationTests {
    private static let id = ContainerID(high: 0, low: 4711)

    @Test func `a registered task and all that it forks later carry the number`() throws {
      var trace = try LiveTrace.attached()
      var actor = try FamilyActor(in: &trace)
      #expect(try trace.register(actor.tid, as: Self.id) == .granted(Self.id, tasks: 1))
      #expect(trace.lastNumber == 1)
      #expect(try trace.family(of: actor.tid).map(\.container) == [1])
      actor.begin()
      try actor.waitUntilDone(&trace)
      #expect(trace.tree.forks.map(\.container) == Array(repeating: 1, count: 3 * actor.births))
      let family = try trace.family(of: actor.tid)
      #expect(family.count == 1 + actor.births)
      #expect(family.allSatisfy { $0.container == 1 })
      try actor.end(&trace)
    }

    @Test func `a registration stands in the stream with what was carried before`() throws {
      var trace = try LiveTrace.attached()
      var actor = try FamilyActor(in: &trace)
      _ = try trace.register(actor.tid, as: Self.id)
      let again = ContainerID(high: 0, low: 4712)
      #expect(try trace.register(actor.tid, as: again) == .refused(.exists))
      #expect(trace.tree.members.map(\.container) == [0, 1])
      #expect(trace.tree.members.map(\.task.tid) == [actor.tid, actor.tid])
      let records = trace.tree.registrations
      #expect(records.map(\.contid_low) == [4711, 4712])
      #expect(records.map(\.container) == [1, 0])
      #expect(records.map(\.members) == [1, 1])
      #expect(records.map(\.result) == [0, 0])
      let capable = UInt16(NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDS)
      #expect(records.map(\.flags) == [capable, capable])
      try actor.end(&trace)
    }

    @Test func `one with children is refused, and all of them are moved on demand`() throws {
      var trace = try LiveTrace.attached()
      var actor = try FamilyActor(in: &trace)
      actor.begin()
      try actor.waitUntilDone(&trace)
      #expect(try trace.register(actor.tid, as: Self.id) == .refused(.busy))
      #expect(try trace.family(of: actor.tid).allSatisfy { $0.container == 0 })
      let all = 1 + actor.births
      #expect(
        try trace.register(actor.tid, as: Self.id, includesDescendants: true)
          == .granted(Self.id, tasks: all))
      #expect(
        try trace.family(of: actor.tid).map(\.container) == Array(repeating: 1, count: all))
      #expect(trace.tree.registrations.map(\.members) == [UInt32(all), UInt32(all)])
      try actor.end(&trace)
    }

    /// Each is the child of the one before. The kernel side has no limit for the length of a line.
    @Test func `a line of forks is moved to its end`() throws {
      let links = 300
      var trace = try LiveTrace.attached()
      var process = try trace.start(BuiltProducts.nsactor, ["chain", "\(links)"], input: .open)
      try process.wait(for: "the line") { $0.outputText.contains("target.done=\(links)\n") }
      let first = UInt32(process.pid)
      #expect(
        try trace.register(first, as: Self.id, includesDescendants: true)
          == .granted(Self.id, tasks: 1 + links))
      #expect(
        try trace.family(of: first).map(\.container) == Array(repeating: 1, count: 1 + links))
      process.closeInput()
      try trace.follow(&process)
    }

    @Test func `a process that has gone is refused`() throws {
      var trace = try LiveTrace.attached()
      var actor = try FamilyActor(in: &trace)
      let tid = actor.tid
      try actor.end(&trace)
      #expect(try trace.register(tid, as: Self.id) == .refused(.noSuchTask))
    }

    /// Its remaining thread stands for it, whichever of the two tids is given.
    @Test(arguments: [false, true])
    func `a process whose leader has ended is registered as its thread`(_ byThread: Bool) throws {
      var trace = try LiveTrace.attached()
      var process = try trace.start(
        BuiltProducts.nsactor, ["leader-ends", "hold"], input: .open)
      try process.wait(for: "the thread") { $0.outputText.contains("worker.tid=") }
      let leader = UInt32(process.pid)
      let thread = try #require(try trace.family(of: leader).first).task
      #expect(thread.tid != leader && thread.tgid == leader)
      #expect(
        try trace.register(byThread ? thread.tid : leader, as: Self.id)
          == .granted(Self.id, tasks: 1))
      #expect(trace.tree.registrations.map(\.target_tid) == [thread.tid])
      #expect(
        trace.tree.registrations.map(\.flags)
          == [UInt16(NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDS)])
      #expect(trace.state.containers(of: thread.tid).elements.map(\.id) == [Self.id])
      process.closeInput()
      try trace.follow(&process)
      let ends = trace.events.flatMap(\.containers).filter { $0.verb == .drop }
      #expect(ends.map(\.opid) == [thread.tid])
      #expect(ends.map(\.old) == [ContainerList([.init(Self.id)])])
      #expect(trace.lost == 0)
    }

    /// The target begins to fork at the instant at which it is registered: its children, and the
    /// orphans that they leave behind, all have the number, or it is refused and nobody has it.
    /// Each round begins where the last one came close: earlier after a refusal was escaped, later
    /// after one.
    @Test func `a fork at the instant of registration is a refusal or inherits`() throws {
      var trace = try LiveTrace.attached()
      var granted = 0
      // Microseconds by which the target waits for the registration, or it for the target.
      var lead = 0
      for round in 0..<200 {
        var actor = try FamilyActor(in: &trace, startingAfter: max(lead, 0))
        let before = trace.tree.members.count
        actor.begin()
        Self.spin(microseconds: max(-lead, 0))
        let contid = ContainerID(high: 0, low: UInt64(round + 1))
        let outcome = try trace.register(actor.tid, as: contid)
        try actor.waitUntilDone(&trace)
        let family = try trace.family(of: actor.tid)
        #expect(family.count == 1 + actor.births)
        switch outcome {
        case .granted:
          granted += 1
          lead -= 50
          let number = trace.lastNumber
          #expect(family.allSatisfy { $0.container == number })
          let seen = try #require(trace.tree.members.dropFirst(before).first).hdr.time_ns
          #expect(trace.tree.forks.filter { $0.hdr.time_ns > seen && $0.container == 0 }.isEmpty)
        case .refused(.busy):
          lead += 50
          #expect(family.allSatisfy { $0.container == 0 })
        default: Issue.record("\(outcome)")
        }
        try actor.end(&trace)
      }
      // Both must have been met, or this proves nothing.
      #expect(granted > 0 && granted < 200)
      #expect(trace.lost == 0)
    }

    private static func spin(microseconds: Int) {
      let end = ContinuousClock.now + .microseconds(microseconds)
      while ContinuousClock.now < end {}
    }

    @Test func `a family that forks while it is moved is moved whole`() throws {
      var trace = try LiveTrace.attached()
      for round in 0..<50 {
        var actor = try FamilyActor(in: &trace, startingAfter: round % 10 * 100)
        actor.begin()
        let contid = ContainerID(high: 0, low: UInt64(round + 1))
        let outcome = try trace.register(actor.tid, as: contid, includesDescendants: true)
        guard case .granted(contid, _) = outcome else {
          Issue.record("\(outcome)")
          continue
        }
        try actor.waitUntilDone(&trace)
        let family = try trace.family(of: actor.tid)
        #expect(family.count == 1 + actor.births)
        #expect(family.allSatisfy { $0.container == trace.lastNumber })
        try actor.end(&trace)
      }
    }
  }
}
