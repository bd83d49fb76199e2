// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What the system calls give, granted and refused.
@Suite struct CallTests {
  private static let ops: [(nst_op, String)] = [
    (NST_OP_CLONE, "create clone"), (NST_OP_CLONE3, "create clone3"),
    (NST_OP_UNSHARE, "create unshare"), (NST_OP_SETNS, "change setns"),
  ]

  @Test(arguments: 0..<ops.count)
  func `a refused call has a record for each kind that was asked for, in order`(_ index: Int) {
    let (op, words) = Self.ops[index]
    let run = History(
      .snapshot(1), .refused(op, 1, [.time, .cgroup, .net, .user, .pid, .ipc, .uts, .mnt]))
    #expect(
      run.events.map(\.lines) == [
        [
          "\(words) mnt 1: ? <- 1 refused", "\(words) uts 1: ? <- 2 refused",
          "\(words) ipc 1: ? <- 3 refused", "\(words) pid 1: ? <- 4 refused",
          "\(words) user 1: ? <- 5 refused", "\(words) net 1: ? <- 6 refused",
          "\(words) cgroup 1: ? <- 7 refused", "\(words) time 1: ? <- 8 refused",
        ]
      ])
    #expect(run.place(of: 1) == .initial)
  }

  @Test func `a refused setns without flags does not say which kind it was about`() {
    let run = History(.snapshot(1), .refused(NST_OP_SETNS, 1, []))
    #expect(run.lines == ["change setns ? 1: ? <- ? refused"])
  }

  @Test func `a refused call shows what has changed before it, late`() {
    let run = History(.snapshot(1, 2), .refused(NST_OP_UNSHARE, 1, [.net], but: [.uts: 101]))
    #expect(
      run.events.map(\.lines) == [
        ["create late uts 1: 101 <- 2", "create unshare net 1: ? <- 6 refused"]
      ])
  }

  @Test func `what a refused call names is where its next child would have been`() {
    let run = History(
      .snapshot(1), .unshare(1, [.pidChildren: 101]), .refused(NST_OP_UNSHARE, 1, [.pid]))
    #expect(run.lines.last == "create unshare pid 1: ? <- 101 refused")
  }

  @Test func `what unshare was not asked for is late`() {
    let uts = NamespaceKind.uts.cloneFlag
    let run = History(
      .snapshot(1, 2), .call(NST_OP_UNSHARE, 1, [.uts: 101, .net: 102], flags: uts))
    #expect(
      run.lines == ["create unshare uts 1: 101 <- 2", "create late net 1: 102 <- 6"])
  }

  @Test func `setns moves what it moves, whatever its flags`() {
    let uts = NamespaceKind.uts.cloneFlag
    let run = History(.snapshot(1, 2), .setns(1, [.net: 102], flags: uts))
    #expect(run.lines == ["create setns net 1: 102 <- 6"])
  }

  @Test(arguments: NamespaceKind.allCases)
  func `clone with one flag`(_ kind: NamespaceKind) {
    let run = History(.snapshot(1), .clone(1, 2, Self.slots(of: kind)), .exit(2))
    #expect(
      run.lines == [
        "create clone \(kind) 2: \(101 + kind.rawValue) <- \(kind.rawValue + 1)",
        "destroy exit \(kind) 2: \(101 + kind.rawValue)",
      ])
  }

  @Test(arguments: [(NST_OP_CLONE, "clone"), (NST_OP_CLONE3, "clone3")])
  func `clone with every flag`(_ op: nst_op, _ name: String) {
    let all = NamespaceKind.allCases.reduce(into: [:]) { all, kind in
      all.merge(Self.slots(of: kind)) { a, _ in a }
    }
    let run = History(.snapshot(1), .clone(1, 2, all, op: op))
    #expect(
      run.events.map(\.lines) == [
        NamespaceKind.allCases.map {
          "create \(name) \($0) 2: \(101 + $0.rawValue) <- \($0.rawValue + 1)"
        }
      ])
  }

  private static func slots(of kind: NamespaceKind) -> [NamespaceSlot: UInt32] {
    var slots: [NamespaceSlot: UInt32] = [:]
    for slot in NamespaceSlot.allCases where slot.kind == kind {
      slots[slot] = 101 + UInt32(kind.rawValue)
    }
    return slots
  }

  @Test func `creations come before changes before destructions, each by kind`() {
    let run = History(
      .snapshot(1, 2, 3), .unshare(2, [.net: 101, .cgroup: 102, .timeChildren: 103]),
      .unshare(3, [.ipc: 104, .uts: 105, .mnt: 106, .user: 107]),
      .setns(
        3,
        [
          .mnt: 1, .uts: 108, .ipc: 109, .user: 5, .net: 101, .cgroup: 102, .timeChildren: 103,
          .pidChildren: 110,
        ]))
    #expect(
      run.events.last?.lines == [
        "create setns uts 3: 108 <- 105", "create setns ipc 3: 109 <- 104",
        "create setns pid 3: 110 <- 4",
        "change setns mnt 3: 1 <- 106", "change setns user 3: 5 <- 107",
        "change setns net 3: 101 <- 6", "change setns cgroup 3: 102 <- 7",
        "change setns time 3: 103 <- 8",
        "destroy setns mnt 3: 106", "destroy setns uts 3: 105", "destroy setns ipc 3: 104",
        "destroy setns user 3: 107",
      ])
  }

  @Test func `a move that changes nothing says nothing`() {
    let run = History(.snapshot(1), .setns(1, [.net: 6]), .exec(1), .fork(1, 2), .exit(2))
    #expect(run.events == [])
  }

  @Test func `the program of an event is that of the last exec`() {
    let run = History(
      .begin, .seen(1, exe: "/bin/sh"), .seen(2), .end, .fork(1, 3), .unshare(3, [.uts: 101]),
      .exec(3, exe: "/bin/true"), .exit(3))
    #expect(run.events.map(\.exe) == [Array("/bin/sh".utf8), Array("/bin/true".utf8)])
    #expect(run.events.map(\.actor) == [3, 3])
  }
}
