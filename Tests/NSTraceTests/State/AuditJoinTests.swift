// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Which containers an audit event gets: those of its process at the time of the event (R4).
@Suite struct AuditJoinTests {
  /// Task 2 in namespaces of its own and in container 5 (from 50); task 4 is the host's. The next step
  /// is at 70.
  private static let start: [History.Step] = [
    .auditedHost, .snapshot(1, 9), .clone(1, 2, [.net: 101, .uts: 111]), .fork(1, 4),
    .register(2, "5"), .fork(2, 6),
  ]

  private func run(_ steps: History.Step...) -> History { History(Self.start + steps) }

  @Test func `a member has its container's ID, and a process of the host has none`() {
    let run = run(.called(by: 6, at: 65), .called(by: 2, at: 65), .called(by: 4, at: 65))
    #expect(run.joined == ["6: 5", "2: 5", "4: host"])
    #expect(run.auditCounters == AuditCounters(contained: 2, hosts: 1))
  }

  @Test func `an event from before the registration is the host's`() {
    #expect(run(.called(by: 2, at: 45)).joined == ["2: host"])
  }

  @Test func `a stamp is as old as its slack: what the process came into meanwhile counts`() {
    #expect(run(.called(by: 2, at: 45, slack: 4)).joined == ["2: host"])
    #expect(run(.called(by: 2, at: 45, slack: 5)).joined == ["2: 5"])
  }

  @Test func `a process that has ended is remembered`() {
    let run = run(.exit(6), .called(by: 6, at: 65), .called(by: 6, at: 70), .called(by: 6, at: 71))
    #expect(run.joined == ["6: 5", "6: 5", "6: ?"])
    #expect(run.auditCounters == AuditCounters(contained: 2, unknown: 1))
  }

  @Test func `a later process with the same pid is told apart by the time`() {
    let run = run(
      .exit(6), .fork(4, 6), .called(by: 6, at: 65), .called(by: 6, at: 75), .called(by: 6, at: 80))
    #expect(run.joined == ["6: 5", "6: host", "6: host"])
  }

  @Test func `where two processes had the pid within the slack nothing is said`() {
    let run = run(.exit(6), .fork(4, 6), .called(by: 6, at: 69, slack: 20))
    #expect(run.joined == ["6: ?"])
  }

  @Test func `a child born within the slack counts, or the only one until the record was read`() {
    #expect(run(.called(by: 6, at: 58, slack: 4)).joined == ["6: 5"])
    #expect(run(.called(by: 6, at: 50, slack: 4)).joined == ["6: 5"])
    #expect(run(.called(by: 8, at: 50, slack: 4), .fork(2, 8)).joined == ["8: ?"])
  }

  @Test func `where two processes got the pid before the record was read nothing is said`() {
    let run = run(.exit(6), .fork(4, 6), .called(by: 6, at: 50))
    #expect(run.joined == ["6: ?"])
  }

  @Test func `a visitor is inside, with its session, until it leaves`() {
    let run = run(
      .setns(4, [.net: 101]), .fork(4, 7), .setns(4, [.net: 5]),
      .called(by: 4, at: 65), .called(by: 4, at: 75), .called(by: 4, at: 95),
      .called(by: 7, at: 95))
    #expect(run.joined == ["4: host", "4: inside 1=5", "4: host", "7: inside 1=5"])
  }

  @Test func `threads in different containers are all named`() {
    let run = run(
      .thread(4, 8), .setns(8, [.net: 101]), .called(by: 4, at: 85), .exit(4),
      .called(by: 4, at: 105))
    #expect(run.joined == ["4: inside 1=5", "4: inside 1=5"])
  }

  @Test func `after an exec by a thread the process is what the thread was`() {
    let run = run(
      .thread(4, 8), .setns(8, [.net: 101]), .exit(4), .exec(4, by: 8), .called(by: 4, at: 105),
      .called(by: 4, at: 75))
    #expect(run.joined == ["4: inside 1=5", "4: host"])
  }

  @Test func `a child that was born with the number before the REGISTER was in it since its birth`()
  {
    let run = History([
      .auditedHost, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .number(2), .fork(2, 6),
      .registered(2, "5"), .called(by: 6, at: 55), .called(by: 2, at: 55),
    ])
    #expect(run.joined == ["6: 5", "2: host"])
  }

  @Test func `while records are missing nothing is said`() {
    let run = run(
      .lost(3), .called(by: 2, at: 65), .snapshot(1, 2, 4, 6, 9), .called(by: 2, at: 65))
    #expect(run.joined == ["2: ?", "2: 5"])
  }

  @Test func `an event without a process, and one of a process that nobody has seen`() {
    let run = run(.audit(1324, "mark=0x1"), .auditSettled, .called(by: 77, at: 65))
    #expect(run.joined == ["nobody: ?", "77: ?"])
    #expect(run.auditCounters == AuditCounters(nameless: 1, unknown: 1))
  }

  @Test func `a name that looks like a field does not change whose event it is`() {
    let run = run(
      .audit(1300, "ppid=1 pid=4 comm=\"a\" exe=\"/x\\ pid=2\" key=(null)", at: 65),
      .audit(1307, "cwd=\"/ pid=2 contid=5\"", at: 65), .audit(1320, "", at: 65))
    #expect(run.joined == ["4: host"])
  }

  @Test func `losses are counted and told, and leave no doubt about tasks`() {
    let run = run(.auditLost(3), .auditLost(4, NST_AUDIT_LOST_KERNEL), .called(by: 2, at: 65))
    #expect(run.events.suffix(2).map { $0.lost?.cause } == [.audit, .backlog])
    #expect(run.events.suffix(2).map { $0.lost?.kindName.description } == ["audit", "audit"])
    #expect(run.counters.lost == 7)
    #expect(run.joined == ["2: 5"])
  }

  @Test func `the name of a registration is told`() {
    let run = run(.register(4, "8", RegistrationFacts(name: "web")), .kept(9, "12", name: "db"))
    #expect(run.names == ["8=web", "12=db"])
  }
}

extension AuditCounters {
  fileprivate init(
    contained: UInt64 = 0, hosts: UInt64 = 0, nameless: UInt64 = 0, unknown: UInt64 = 0
  ) {
    self.init()
    self.contained = contained
    self.hosts = hosts
    self.nameless = nameless
    self.unknown = unknown
  }
}
