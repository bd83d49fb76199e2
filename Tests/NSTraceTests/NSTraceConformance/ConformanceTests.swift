// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// Each clause is found held, broken and not exercised where it is.
@Suite struct ConformanceTests {
  typealias Stream = ConformanceStream

  static let seven = ContainerID(high: 0, low: 7)
  static let eight = ContainerID(high: 0, low: 8)
  static let uuid = ContainerID(high: 1, low: 7)
  static let capable = NST_REGISTER_CAPABLE
  static let withDescendants = NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDANTS
  static let locked = NST_REGISTER_CAPABLE | NST_REGISTER_LOCKED
  static let none = ContainerList()
  static func just(_ id: ContainerID) -> ContainerList { ContainerList([.init(id)]) }

  static let registered: Stream.Step = Stream.register(2, as: seven)
  /// Task 3 is inside the container from the third event on.
  static let entered = [
    Stream.unshare(2, [.uts: 101]), registered, Stream.setns(3, [.uts: 101]),
  ]

  /// A name that was cut is so in the stream: it is read and judged with its mark, wherever it was cut.
  @Test func `a name that is too long is judged as it is cut`() throws {
    let long = Array(("a" + String(repeating: "\u{65e5}", count: 100)).utf8)
    let cut = RegistrationRequest(
      contid: Self.seven, target: 2, caller: 9, capabilities: [.control], name: long
    ).name
    #expect(cut.count == 255 && cut.suffix(3) == ArraySlice("...".utf8))
    #expect(cut.dropLast(3).last != long.last, "within a character")
    let stream = Stream([
      Stream.register(2, as: Self.seven, name: cut),
      Stream.register(3, as: Self.seven, flags: 0, isDone: false, name: cut), Stream.exit(2),
    ])
    for clause in [Clause.r3, .r11, .t8, .t14] {
      guard case .held? = try stream.verdict(on: clause) else {
        Issue.record("\(clause): \(String(describing: try stream.verdict(on: clause)))")
        continue
      }
      let whole = try stream.verdict(on: clause) { events in
        for index in events.indices {
          if events[index].lifecycle?.name == cut { events[index].lifecycle?.name = long }
          for record in events[index].containers.indices
          where events[index].containers[record].name == cut {
            events[index].containers[record].name = long
          }
        }
      }
      #expect(whole?.isBroken == (clause != .r3), "\(clause)")
    }
  }

  static let hearings: [Hearing] = [
    Hearing(.r1, [registered], holds: 1, brokenBy: [1]) { $0.forge(.set) { $0.id.high = 1 } },
    Hearing(
      .r1, [Stream.register(2, as: .unset)], holds: 2, brokenBy: [1]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(.r2, [Stream.register(2, as: seven, flags: 0)], holds: 1, brokenBy: [1]) {
      $0.forge(.set) { $0.refusal = nil }
    },
    Hearing(.r2, [Stream.register(9, as: seven)], holds: 1, brokenBy: [1]) {
      $0.forge(.set) { $0.refusal = nil }
    },
    Hearing(.r3, [registered], holds: 3, brokenBy: [1]) {
      for index in $0.indices { $0[index].info?.namespaces[0].inum = 99 }
    },
    Hearing(.r3, [registered], holds: 3, brokenBy: [0]) { $0.removeAll() },
    Hearing(.r3, [Stream.register(2, as: seven, flags: 0)], holds: 2, brokenBy: [1]) {
      $0.forge(.set) { $0.refusal = nil }
    },
    Hearing(
      .r4, [registered, Stream.unshare(2, [.uts: 101])], holds: 5, brokenBy: [2]
    ) {
      for index in $0.indices where $0[index].call != nil { $0[index].actorContainers = none }
      $0.forge(.create) { $0.containers = none }
      $0.forge(.update) { $0.old = none }
    },
    Hearing(.r4, [registered, Stream.exit(2)], holds: 3, brokenBy: [2]) {
      for index in $0.indices where $0[index].info == nil {
        $0[index].actorContainers = just(eight)
      }
    },
    Hearing(
      .r5, [registered, Stream.fork(2, 4), Stream.unshare(4, [.uts: 101]), Stream.exit(4)],
      holds: 3, brokenBy: [2]
    ) { $0.forge(.create) { $0.containers = none } },
    Hearing(
      .r5, [registered, Stream.fork(2, 4)], holds: 1, brokenBy: [1],
      in: [registered, Stream.fork(2, 4, number: 0)]),
    Hearing(
      .r6, [Stream.fork(2, 4), Stream.register(2, as: seven, others: [4])], holds: 1,
      brokenBy: [1]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(
      .r6, [Stream.fork(2, 4), Stream.register(2, as: seven, flags: withDescendants, others: [4])],
      holds: 1, brokenBy: [1]
    ) { for index in $0.indices { $0[index].containers.removeLast() } },
    Hearing(
      .r7, [Stream.unshare(2, [.uts: 101, .net: 102])], holds: 2, brokenBy: [1]
    ) { $0.forge(.create) { $0.namespace?.inum = 103 } },
    Hearing(.r7, [registered, Stream.unshare(2, [.uts: 101])], holds: 1, brokenBy: [2]) {
      $0.forge(.create) { $0.containers = none }
    },
    Hearing(.r7, [Stream.refusedUnshare(2, .net)], holds: 1, brokenBy: [0]) { $0.removeAll() },
    Hearing(.r7, [Stream.unshare(2, [.uts: 101])], holds: 1, brokenBy: [1]) {
      for index in $0.indices { $0[index].nsfsDev = 5 }
    },
    Hearing(
      .r8,
      [registered, Stream.unshare(2, [.uts: 101]), Stream.setns(3, [.uts: 101])], holds: 1,
      brokenBy: [3]
    ) { $0.forge(.change) { $0.namespaceContainers = just(eight) } },
    Hearing(.r9, [Stream.unshare(2, [.uts: 101]), Stream.exit(2)], holds: 1, brokenBy: [1]) {
      $0.removeAll { $0.namespaces.contains { $0.verb == .destroy } }
    },
    Hearing(.r9, [Stream.unshare(2, [.uts: 101]), Stream.exit(2)], holds: 1, brokenBy: [2]) {
      $0.forge(.destroy) { $0.namespace?.inum = 102 }
    },
    Hearing(
      .r10, [Stream.unshare(2, [.uts: 101]), Stream.setns(3, [.uts: 101])], holds: 1,
      brokenBy: [2]
    ) { $0.forge(.change) { $0.old?.inum = 103 } },
    Hearing(.r11, [registered, Stream.exit(2)], holds: 1, brokenBy: [1]) {
      $0.removeAll { $0.containers.contains { $0.verb == .drop } }
    },
    Hearing(
      .r12, [Stream.unshare(2, [.uts: 101]), registered, Stream.fork(3, 4)], holds: 1,
      brokenBy: [2]
    ) { $0.forge(.change, .assign) { $0.containers = just(eight) } },
    Hearing(
      .r12,
      [
        Stream.unshare(2, [.uts: 101]), Stream.setns(3, [.uts: 101]), registered, Stream.exit(2),
      ], holds: 2, brokenBy: [4]
    ) { for index in $0.indices { $0[index].namespaces.removeAll { $0.op == .release } } },
    Hearing(
      .r13, [registered, Stream.register(3, as: uuid)], holds: 1, brokenBy: [2]
    ) { $0.forge(.set) { $0.refusal = $0.id == seven ? nil : .invalid } },
    Hearing(.t1, [Stream.unshare(2, [.uts: 101]), Stream.exit(2)], holds: 2, brokenBy: [1]) {
      $0.forge(.create) { $0.containers = just(seven) }
    },
    Hearing(
      .t2, [registered, Stream.register(2, as: eight, isDone: false)], holds: 1, brokenBy: [2]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(
      .t3,
      [
        registered, Stream.register(2, as: eight), Stream.fork(2, 4),
        Stream.unshare(4, [.uts: 101]),
      ], holds: 3, brokenBy: [3]
    ) { $0.forge(.create) { $0.containers = just(eight) } },
    Hearing(
      .t4, [Stream.unshare(2, [.uts: 101]), registered, Stream.setns(3, [.uts: 101])], holds: 5,
      brokenBy: [3]
    ) { $0.forge(.change) { $0.session = nil } },
    // A flood of others does not make the judge forget.
    Hearing(
      .t4,
      [
        Stream.unshare(2, [.uts: 101]), registered, Stream.suppressed(),
        Stream.setns(3, [.uts: 101]),
      ], holds: 5, brokenBy: [4]
    ) { $0.forge(.change) { $0.session = nil } },
    Hearing(
      .t4, [registered, Stream.unshare(2, [.uts: 101])], holds: 1, brokenBy: [2]
    ) { $0.forge(.create) { $0.session = 3 } },
    // Nobody says that somebody came in, or that they have gone.
    Hearing(.t4, entered + [Stream.exit(3)], holds: 8, brokenBy: [3, 4]) { events in
      for index in events.indices { events[index].sessions.removeAll() }
    },
    Hearing(.t4, entered + [Stream.exit(3)], holds: 8, brokenBy: [4]) { events in
      for index in events.indices { events[index].sessions.removeAll { $0.verb == .end } }
    },
    // The one that leaves is not the last.
    Hearing(
      .t4, entered + [Stream.fork(3, 4), Stream.exit(4), Stream.exit(3)], holds: 8,
      brokenBy: [4]
    ) { events in
      for index in events.indices { events[index].sessions.removeAll { $0.verb == .end } }
    },
    // What is done inside is not said to be done there.
    Hearing(
      .t4, entered + [Stream.unshare(3, [.ipc: 104]), Stream.exit(3)], holds: 11, brokenBy: [4]
    ) { events in
      for index in events.indices
      where events[index].namespaces.contains(where: { $0.kind == .ipc && $0.verb == .create }) {
        events[index].visits.removeAll()
      }
    },
    Hearing(
      .t4, entered + [Stream.unshare(3, [.ipc: 104]), Stream.exit(3)], holds: 11, brokenBy: [5]
    ) { $0.forge(.destroy) { $0.session = nil } },
    // It leaves by setns.
    Hearing(.t4, entered + [Stream.setns(3, [.uts: 2])], holds: 9, brokenBy: [4]) {
      $0.forge(.change) { if $0.namespace?.inum == 2 { $0.session = nil } }
    },
    // Another login.
    Hearing(.t4, entered + [Stream.exit(3)], holds: 8, brokenBy: [3]) { events in
      for index in events.indices {
        for place in events[index].sessions.indices {
          events[index].sessions[place].entrant?.auid = 7
        }
      }
    },
    Hearing(.t5, [Stream.unshare(2, [.uts: 101])], holds: 3, brokenBy: [1]) {
      $0.forge(.create) { $0.setHash = nil }
    },
    Hearing(.t5, [Stream.unshare(2, [.uts: 101])], holds: 3, brokenBy: [1]) {
      $0.forge(.create) { $0.containers = none }
    },
    // The old ID goes on in another set.
    Hearing(
      .t5, [Stream.unshare(2, [.uts: 101]), Stream.unshare(2, [.net: 102])], holds: 6, brokenBy: [2]
    ) { events in
      for index in events.indices {
        guard
          let old = events[index].containers.first(where: {
            $0.verb == .set && !$0.old.isUnset
          })?.old
        else {
          continue
        }
        events[index].containers.removeAll()
        events.forge(.create) { $0.containers = old }
      }
    },
    // A part of the set has its ID.
    Hearing(
      .t5, [Stream.unshare(2, [.uts: 101, .net: 102]), Stream.setns(3, [.net: 102])], holds: 8,
      brokenBy: [2]
    ) { events in
      for index in events.indices {
        guard let entered = events[index].namespaces.first(where: { $0.op == .setns }) else {
          continue
        }
        let whole = entered.namespaceContainers
        events[index].containers[0].id = whole.elements[0].id
        events[index].namespaces[0].containers = whole
      }
    },
    Hearing(
      .t5, [Stream.unshare(2, [.uts: 101]), Stream.unshare(3, [.uts: 102])], holds: 6,
      brokenBy: [2]
    ) { $0.forge(.create) { $0.setHash = NamespaceHash([]) } },
    Hearing(
      .t8, [Stream.unshare(2, [.uts: 101]), registered, Stream.exit(2)], holds: 2,
      brokenBy: [2, 3, 5]
    ) { $0.removeAll { $0.lifecycle.map { "\($0.step)".hasPrefix("resource") } ?? false } },
    Hearing(.t8, [registered, Stream.exit(2)], holds: 2, brokenBy: [4]) {
      $0.removeAll { $0.lifecycle?.step == .stop }
    },
    Hearing(
      .t6, [registered, Stream.register(3, as: eight, flags: capable | NST_REGISTER_RANDOM)],
      holds: 3, brokenBy: [1]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(.t7, [Stream.register(2, as: seven, flags: 0)], holds: 1, brokenBy: [1]) {
      $0.forge(.set) { $0.refusal = nil }
    },
    Hearing(.t9, [Stream.unshare(2, [.uts: 101]), registered], holds: 1, brokenBy: [1]) {
      $0.forge(.create) { $0.containers = just(seven) }
    },
    Hearing(.t9, [registered], holds: 1, brokenBy: [1]) {
      $0.forge(.set) { $0.refusal = .invalid }
    },
    Hearing(
      .t10, [registered, Stream.register(2, as: eight)], holds: 2, brokenBy: [2]
    ) { for index in $0.indices { $0[index].info?.containers = just(seven) } },
    Hearing(
      .t11, [Stream.register(2, as: ContainerID(high: 0, low: 1 << 32), isDone: false)],
      holds: 1, brokenBy: [1]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(
      .t12, [registered, Stream.unshare(2, [.uts: 101]), Stream.setns(3, [.uts: 101])],
      holds: 1, brokenBy: [3]
    ) { $0.forge(.change) { $0.containers = just(seven) } },
    Hearing(
      .t14, [registered, Stream.register(2, as: eight, isDone: false)], holds: 2, brokenBy: [2]
    ) { $0.forge(.set) { $0.old = none } },
    Hearing(.t15, [Stream.unshare(2, [.uts: 101])], holds: 2, brokenBy: [1]) {
      for index in $0.indices { $0[index].call = nil }
    },
    Hearing(.t15, [Stream.unshare(2, [.uts: 101, .net: 102])], holds: 2, brokenBy: [1, 2]) {
      guard var second = $0.first, second.call != nil else { return }
      $0[0].namespaces.removeLast()
      second.namespaces.removeFirst()
      second.serial += 1
      $0.append(second)
    },
    Hearing(
      .t18,
      [
        registered, Stream.register(3, as: eight, flags: locked),
        Stream.register(2, as: uuid, flags: locked, isDone: false),
      ], holds: 2, brokenBy: [3]
    ) { $0.forge(.set) { $0.refusal = nil } },
    Hearing(
      .t18, [registered, Stream.register(3, as: eight, flags: locked)], holds: 1, brokenBy: [2]
    ) { $0.forge(.set) { if $0.id == eight { $0.refusal = .exists } } },
    Hearing(
      .t18,
      [
        registered, Stream.register(3, as: eight, flags: locked), Stream.unshare(2, [.uts: 101]),
      ], holds: 1, brokenBy: [3],
      in: [
        registered, Stream.register(3, as: eight, flags: locked), Stream.numbered(2, 0),
        Stream.unshare(2, [.uts: 101]),
      ]),
    Hearing(
      .t18, [registered, Stream.register(2, as: uuid, flags: locked, isDone: false)], holds: 1,
      brokenBy: [2],
      in: [registered, Stream.register(2, as: uuid, flags: locked)]),
    Hearing(
      .l2, [registered, Stream.unshare(2, [.uts: 101]), Stream.unshare(3, [.uts: 102])],
      holds: 2, brokenBy: [3]
    ) {
      $0.forge(.create) { $0.containers = $0.opid == 3 ? just(seven) : $0.containers }
    },
    Hearing(
      .l2,
      [
        registered, Stream.unshare(2, [.uts: 101], cgroup: 5),
        Stream.unshare(2, [.net: 102], cgroup: 6),
      ], holds: 1, brokenBy: [3]
    ) { $0.forge(.create) { $0.containers = $0.kind == .net ? none : $0.containers } },
    Hearing(
      .l3, [Stream.unshare(1, [.uts: 101]), Stream.fork(1, 4), Stream.register(4, as: seven)],
      holds: 1, brokenBy: [2]
    ) { for index in $0.indices { $0[index].info?.seccomp = 0 } },
    Hearing(
      .l1,
      [
        registered, Stream.confined(2, hasNoNewPrivs: true, seccomp: 0), Stream.fork(2, 4),
        Stream.exit(2),
      ], holds: 1, brokenBy: [2]
    ) { $0.forge(.update) { $0.confinement?.new.hasNoNewPrivs = false } },
    Hearing(
      .l1,
      [
        registered, Stream.fork(2, 4), Stream.confined(2, hasNoNewPrivs: true, seccomp: 0),
        Stream.exit(4),
      ],
      holds: 1, brokenBy: [1]
    ) { $0.removeAll { $0.containers.contains { $0.verb == .update } } },
    Hearing(
      .l4, [registered, Stream.confined(2, hasNoNewPrivs: false, seccomp: 2)],
      holds: 1, brokenBy: [2]
    ) { $0.forge(.update) { $0.confinement?.old.seccomp = 1 } },
    Hearing(
      .l4, [registered, Stream.fork(2, 4), Stream.unshare(4, [.uts: 101]), Stream.exit(2)],
      holds: 1, brokenBy: [2]
    ) { $0.removeAll { $0.containers.contains { $0.verb == .update } } },
  ]

  @Test(arguments: hearings)
  func `a clause holds`(_ hearing: Hearing) throws {
    let verdict = try ConformanceStream(hearing.steps).verdict(on: hearing.clause)
    #expect(verdict == .held(occasions: hearing.occasions))
  }

  @Test(arguments: hearings)
  func `a clause is broken`(_ hearing: Hearing) throws {
    let stream = ConformanceStream(hearing.brokenSteps ?? hearing.steps)
    let verdict = try stream.verdict(on: hearing.clause, hearing.tamper)
    guard case .broken(let serials, let because) = verdict else {
      Issue.record("\(String(describing: verdict))")
      return
    }
    #expect(serials == hearing.serials, "\(because)")
  }

  @Test(arguments: Clause.allCases)
  func `a clause is not exercised where nothing happens`(_ clause: Clause) throws {
    guard case .notExercised(let because)? = try ConformanceStream([]).verdict(on: clause) else {
      Issue.record("\(clause.rawValue) was exercised by a snapshot")
      return
    }
    #expect(!because.isEmpty)
  }

  /// Those that no dump can show are not exercised, whatever happens.
  static let silent: [Clause] = [.t13, .t20]

  @Test func `every clause that a dump can show is heard`() {
    #expect(Set(Self.hearings.map(\.clause)) == Set(Clause.allCases).subtracting(Self.silent))
  }

  @Test(arguments: silent)
  func `what no dump can show is never held`(_ clause: Clause) throws {
    let stream = ConformanceStream(Self.hearings.first { $0.clause == .t12 }!.steps)
    guard case .notExercised? = try stream.verdict(on: clause) else {
      Issue.record("\(clause.rawValue) cannot be judged from a dump")
      return
    }
  }
}
