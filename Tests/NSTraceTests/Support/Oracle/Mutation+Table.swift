// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace
@testable import NSTraceConformance

// Reasons for which several clauses are broken by one fault.
private let granted = "each of them says of this request that it is to be refused"
private let answered = "R3 says whether CONTAINER_OP has res=1 or res=0, T14 what else it says"
private let carried = "R4 looks at what each record says that its task carries"
private let creator = "R7 asks for the creator's container ID"
private let host = "the task is the host's, which is unset"
private let verbs = "what is a creation is not recorded as one, and what is recorded is no change"
private let labels = "the task carries something else from then on"
private let lists = "the lists of namespaces follow from what tasks carry"
private let shared = "the tasks of one cgroup carry different IDs there"
private let insiders = "CONTAINER_ID also says what a session is inside"

/// For a registration with the wrong answer. Each position on requests judges it, and its task then
/// carries the wrong list for every clause that reads it.
private let wrongAnswer: [Clause: String] = [
  .r3: answered, .t14: answered, .t2: granted, .t3: granted, .t6: granted, .t8: granted,
  .t10: granted, .t11: granted, .r4: carried, .r11: labels, .r12: lists,
]

/// For records that all name a container without tasks.
private let wrongID: [Clause: String] = [
  .r1: "the ID is not that which was asked for", .r5: labels, .r7: creator, .r8: lists,
  .r11: "it is not the one that ended", .r12: lists, .t1: host, .t2: labels, .t3: labels,
  .t4: labels,
  .t5: "all sets have one ID", .t6: labels, .t9: host, .t10: labels, .t11: labels, .t12: host,
  .t14: answered, .l1: labels, .l2: shared, .l4: labels,
]

extension Mutation {
  /// At least one mutation for each clause, except for those in `unbreakable`.
  static let table = registrations + namespaces + containers + texts + positions

  /// Why no fault can break the clause.
  static let unbreakable: [Clause: String] = [
    .t13: "Whoever reads an ID leaves no record in a stream, so nothing can contradict the clause.",
    .t20: "Whoever asks for a peer's ID leaves none, either.",
  ]

  private static let unset = ContainerList()
  private static let other = ContainerList([.init(ContainerID(high: 0, low: 666))])
}

// MARK: - R1 to R6, R13, T7 and T14

extension Mutation {
  private static let registrations: [Mutation] = [
    Mutation(
      .r1, "the words of an ID are swapped", .registered { $0.id = $0.id.swapped },
      also: [.t14: answered]),
    Mutation(
      .r1, "what is no ID is set", .granting(.invalid),
      also: wrongAnswer.merging([.t5: "nothing is registered under automatic"]) { $1 }),
    Mutation(
      .r2, "the capability is not looked at", .incapable,
      also: wrongAnswer.merging([.t7: "T7 says which capability it is that R2 asks for"]) { $1 }),
    Mutation(
      .t7, "the capability is not looked at", .incapable,
      also: wrongAnswer.merging([.r2: "R2 asks for the capability that T7 names"]) { $1 }),
    Mutation(
      .r2, "a caller may register itself",
      .request { request in
        if request.caller_tid == request.target_tid { request.caller_tid = 1 }
      },
      also: wrongAnswer.merging([
        .t1: "on the dump the caller has children, which inherit it", .r5: labels, .r7: creator,
        .t9: host, .l2: shared, .r13: "the caller is in a container from then on", .r8: lists,
        .l4: labels, .t4: "the caller's session ends with its registration",
      ]) { $1 }),
    Mutation(
      .r3, "NS_INFO names another network",
      .events { events in
        for index in events.indices {
          events[index].info?.namespaces[NamespaceSlot.net.rawValue].inum += 1
        }
      }),
    Mutation(
      .r3, "what is refused is not recorded",
      .events { events in
        events.removeAll { $0.containers.contains { !$0.granted } }
      },
      also: [.t14: answered, .t8: "the refused start is left out with it"]),
    Mutation(
      .r4, "an event names no container",
      .audit { text in
        text = text.lines { !$0.hasPrefix("type=CONTAINER_ID ") }
      }, also: [.t4: insiders]),
    Mutation(
      .r4, "the same in JSON",
      .json { text in
        text = text.lines { !$0.hasPrefix(#"{"type":"CONTAINER_ID""#) }
      }, also: [.t4: insiders]),
    Mutation(
      .r4, "an event names a container that takes no part",
      .events { events in
        for index in events.indices where events[index].actorContainers.isUnset {
          events[index].actorContainers = other
        }
      }),
    Mutation(
      .r5, "a child does not inherit",
      .input { event in
        guard case .fork(var fork)? = event, fork.container != 0 else { return }
        (fork.parent_tid, fork.container) = (1, 0)
        event = .fork(fork)
      },
      also: [
        .r4: carried, .r7: creator, .r8: lists, .r11: labels, .r12: lists, .t14: labels,
        .t4: labels,
        .t12: labels, .l2: shared, .r9: labels, .t3: labels, .t10: labels, .r10: labels,
        .l1: labels, .l4: labels,
        .t5: "the child is not in its parent's set",
      ]),
    Mutation(
      .r6, "threads and children are not looked at",
      .input { event in
        guard case .register(var request, let name)? = event,
          !request.has(NST_REGISTER_DESCENDANTS)
        else { return }
        request.flags |= UInt16(NST_REGISTER_DESCENDANTS)
        event = .register(request, name: name)
      },
      also: wrongAnswer.merging([
        .t9: "the ID is in use when the target is registered rightly",
        .r13: "the ID is in use when the target is registered rightly",
      ]) { $1 }),
    Mutation(
      .r6, "of those that are to be moved the target alone is recorded",
      .events { events in
        for index in events.indices where events[index].info != nil {
          let target = events[index].info?.tid
          events[index].containers.removeAll { $0.opid != target }
        }
      },
      also: [.t14: "a change of ID is not recorded"]),
    Mutation(
      .r13, "IDs are the same when one of their words is", .policy(.rfc, ShortSightedPolicy()),
      also: wrongAnswer.merging([
        .t9: "the task in the host's own namespaces was refused", .r6: "so was the family",
        .l2: shared, .r5: labels, .r7: creator, .r8: lists, .t12: lists, .t4: labels,
        .l1: labels, .l4: labels,
      ]) { $1 }),
    Mutation(
      .t14, "old-contid is always unset", .containers(.set) { $0.old = unset },
      also: [.t5: "T5 asks for the switch from one ID to another"]),
    Mutation(
      .t14, "a refusal is recorded twice",
      .events { events in
        for index in events.indices {
          if let refused = events[index].containers.first(where: { !$0.granted }) {
            events[index].containers.append(refused)
          }
        }
      }, also: [.r3: answered, .t8: "a start is told twice"]),
  ]
}

// MARK: - R7 to R10, and what a task carries

extension Mutation {
  private static let namespaces: [Mutation] = [
    Mutation(
      .r7, "a creation is not recorded",
      .events { events in
        for index in events.indices {
          events[index].namespaces.removeAll { $0.verb == .create && $0.granted }
        }
      }, also: [.t15: "the call's record is left out with it"]),
    Mutation(
      .r7, "what unshare made is told as entered",
      .namespaces(.create) { record in
        if record.op == .unshare && record.granted { record.verb = .change }
      }, also: [.r10: verbs]),
    Mutation(
      .r7, "a refused call is not recorded",
      .events { events in
        events.removeAll { $0.namespaces.contains { !$0.granted } }
      }),
    Mutation(
      .r7, "the creator's ID is unset", .namespaces(.create) { $0.containers = unset },
      also: [
        .r4: carried, .r5: "the creator inherited it", .t5: "a set's ID is on its records",
        .l2: shared, .t4: labels, .t3: labels, .t10: labels,
      ]),
    Mutation(
      .r8, "a namespace has no list",
      .namespaces(.change) { record in
        if record.isMembership { record.namespaceContainers = unset }
      },
      also: [
        .t12: "the namespace's list is what shows where the host went",
        .t2: "a stain shows in the list",
      ]),
    Mutation(
      .r9, "the end of a namespace is not recorded",
      .events { events in
        for index in events.indices {
          events[index].namespaces.removeAll { $0.verb == .destroy }
        }
      }),
    Mutation(
      .r9, "it is recorded twice",
      .events { events in
        for index in events.indices {
          let ends = events[index].namespaces.filter { $0.verb == .destroy }
          events[index].namespaces += ends
        }
      }),
    Mutation(
      .r10, "a change has its sides exchanged",
      .namespaces(.change) { record in
        if record.isMembership && record.granted {
          (record.namespace, record.old) = (record.old, record.namespace)
        }
      }, also: [.r8: "ns-contid= is that of the other namespace"]),
    Mutation(
      .t1, "a task of the host has an ID when it leaves",
      .namespaces(.destroy) { record in
        if record.containers.isUnset { record.containers = other }
      },
      also: [
        .r4: carried, .l2: shared, .t5: "the ID is not that of its set",
        .t4: "who carries one is in session 0",
      ]),
    Mutation(
      .t9, "a namespace makes a container",
      .namespaces(.create) { record in
        if record.containers.isUnset && record.granted { record.containers = other }
      },
      also: [
        .t1: host, .r4: carried, .r7: creator, .l2: shared,
        .t5: "the host's own set has no ID", .t4: "who carries one is in session 0",
      ]),
    Mutation(
      .t12, "who enters from the host is told with the container's ID",
      .namespaces(.change) {
        if $0.op == .setns && $0.containers.isUnset { $0.containers = $0.namespaceContainers }
      },
      also: [
        .t1: host, .r4: carried, .l2: shared, .t4: "who carries the ID does not enter",
        .t5: "the host's own set has no ID",
      ]),
    Mutation(
      .l2, "tasks of a container's cgroup are told to be in it",
      .events { events in
        for index in events.indices where events[index].subject?.cgroup_id == Occasions.cgroup {
          for place in events[index].namespaces.indices
          where events[index].namespaces[place].verb == .create
            && events[index].namespaces[place].containers.isUnset
          {
            events[index].namespaces[place].containers = other
          }
        }
      },
      also: [
        .t1: host, .t9: host, .r4: carried, .r7: creator,
        .t5: "the host's own set has no ID", .t4: "who carries one is in session 0",
      ]),
    Mutation(
      .l2, "a name is believed whoever has chosen it",
      .input { event in
        guard case .cgroup(var cgroup, let path)? = event else { return }
        cgroup.delegated = 0
        event = .cgroup(cgroup, path: path)
      }),
    Mutation(
      .l2, "what root has named has no ID of its name",
      .input { event in
        guard case .cgroup(var cgroup, let path)? = event else { return }
        cgroup.delegated = 1
        event = .cgroup(cgroup, path: path)
      }),
    Mutation(
      .l2, "by their cgroups all tasks come into one container",
      .events { events in
        events.forge(.set) { record in
          if record.source == .cgroup && !record.id.isUnset { record.id = other.elements[0].id }
        }
      }),
  ]
}

// MARK: - R11, R12, T4, T8 and T15

extension Mutation {
  private static let containers: [Mutation] = [
    Mutation(
      .r11, "the end of a container is not recorded",
      .events { events in
        for index in events.indices { events[index].containers.removeAll { $0.verb == .drop } }
        events.removeAll(where: \.isEmpty)
      }),
    Mutation(
      .r11, "a container ends when a task of it makes a namespace",
      .events { events in
        for index in events.indices {
          guard
            let id = events[index].namespaces.first(where: { $0.verb == .create })?.containers
              .elements.first
          else { continue }
          events[index].containers.append(
            ContainerRecord(
              verb: .drop, opid: events[index].namespaces[0].opid, id: .unset,
              old: ContainerList([id]), name: [], refusal: nil))
        }
      }),
    Mutation(
      .r12, "nobody says that a container takes a namespace",
      .events { events in
        for index in events.indices {
          events[index].namespaces.removeAll { $0.op == .assign }
        }
      }, also: [.t2: "a stain comes with it"]),
    Mutation(
      .r12, "nobody says that a container leaves a namespace",
      .events { events in
        for index in events.indices {
          events[index].namespaces.removeAll { $0.op == .release }
        }
        events.removeAll(where: \.isEmpty)
      }),
    Mutation(
      .t4, "whoever enters has no session", .namespaces(.change) { $0.session = nil },
      also: [:]),
    Mutation(
      .t4, "all that enter have one session",
      .namespaces(.change) { record in
        if record.session ?? 0 > 0 { record.session = 1 }
      }),
    Mutation(
      .t4, "nobody says who has come in", .sessions { $0.verb == .begin ? nil : $0 }),
    Mutation(
      .t4, "nobody says that a session goes on", .sessions { $0.verb == .resume ? nil : $0 }),
    Mutation(
      .t4, "a session goes on under another number",
      .sessions { record in
        var record = record
        if record.verb == .resume { record.visit.session += 1 }
        return record
      }),
    Mutation(
      .t4, "a number of an earlier tracer is given again",
      .audit { text in
        let number = Occasions.lastKept + 1
        text = text.replacing("cses=\"\(number)\"", with: "cses=\"5\"")
      }),
    Mutation(.t4, "nobody says that they have gone", .sessions { $0.verb == .end ? nil : $0 }),
    Mutation(
      .t4, "a session ends twice",
      .events { events in
        for index in events.indices {
          let ends = events[index].sessions.filter { $0.verb == .end }
          events[index].sessions += ends
        }
      }),
    Mutation(
      .t4, "a session ends when the first of its tasks exits",
      .events { events in
        for index in events.indices where events[index].sessions.isEmpty {
          guard let visit = events[index].visits.first,
            events[index].namespaces.contains(where: { $0.op == .exit })
          else { continue }
          events[index].sessions.append(
            SessionRecord(
              verb: .end, visit, SessionRecord.Way(.exit), opid: events[index].namespaces[0].opid))
        }
      }),
    Mutation(
      .t4, "another login came in",
      .sessions { record in
        var record = record
        record.entrant?.auid &+= 1
        return record
      }),
    Mutation(
      .t4, "another container was entered",
      .sessions { record in
        var record = record
        record.visit.containers = other
        return record
      }),
    Mutation(
      .t4, "what is made inside has no session",
      .namespaces(.create) { if $0.session ?? 0 > 0 { $0.session = nil } }),
    Mutation(
      .t4, "what ends inside has no session", .namespaces(.destroy) { $0.session = nil }),
    Mutation(
      .t4, "no event says where an intruder is",
      .events { events in
        for index in events.indices { events[index].visits.removeAll() }
      }, also: [.r4: "of the container whose namespace was entered nothing is said then"]),
    Mutation(
      .t4, "an intruder is told to belong to the container",
      .audit { text in
        text = text.replacing(/\ cses="[0-9]+" rel=inside/) { _ in " rel=member" }
      }, also: [.r4: "the container takes no part as what a task belongs to"]),
    Mutation(
      .t4, "the same in JSON",
      .json { text in
        text = text.replacing(/,"cses":[0-9]+,"rel":"inside"/) { _ in #","rel":"member""# }
      }, also: [.r4: "the container takes no part as what a task belongs to"]),
    Mutation(
      .t4, "how= is what somebody else did",
      .audit { text in
        text = text.replacing(/\ how=[a-z0-9:,]+/) { _ in " how=exec:time" }
      }),
    Mutation(
      .t8, "the stop of a machine is left out",
      .events { events in
        events.removeAll { $0.lifecycle?.step == .stop }
      }),
    Mutation(
      .t8, "a machine has the host's namespaces for its own",
      .events { events in
        for index in events.indices {
          if case .resource(let id)? = events[index].lifecycle?.step {
            events[index].lifecycle?.step = .resource(
              NamespaceID(kind: id.kind, inum: 1, nsid: id.nsid))
          }
        }
      }),
    Mutation(
      .t15, "no SYSCALL record leads",
      .events { events in
        for index in events.indices { events[index].call = nil }
      }),
    Mutation(
      .t15, "the records of a call have serials of their own",
      .events { events in
        guard var second = events.first, second.call != nil, second.namespaces.count > 1 else {
          return
        }
        events[0].namespaces.removeLast()
        second.namespaces.removeFirst(second.namespaces.count - 1)
        (second.containers, second.sessions) = ([], [])
        second.serial += 1_000_000
        events.insert(second, at: 1)
      }),
    Mutation(
      .t15, "SYSCALL is about another call",
      .events { events in
        for index in events.indices { events[index].call?.args.0 += 1 }
      }),
    Mutation(
      .l3, "NS_INFO says that there is no seccomp filter",
      .events { events in
        for index in events.indices { events[index].info?.seccomp = 0 }
      }),
    Mutation(
      .l1, "a container never comes to have no_new_privs",
      .events { events in
        events.forge(.update) { $0.confinement?.new.hasNoNewPrivs = false }
      }, also: [.l4: "What is wrong in the record of a change is no record of it."]),
    Mutation(
      .l1, "of cgroups nothing is said",
      .events { events in
        for index in events.indices { events[index].containers.removeAll { $0.cgroup != nil } }
        events.removeAll(where: \.isEmpty)
      }, also: [.l4: "it is not recorded that they change"]),
    Mutation(
      .l1, "another cgroup is named",
      .events { events in
        events.forge(.update) { if $0.cgroup != nil { $0.cgroup = BoundedText([47]) } }
      }, also: [.l4: "What is wrong in the record of a change is no record of it."]),
    Mutation(
      .l1, "a path that is cut is written as a whole one",
      .events { events in
        events.forge(.update) { $0.cgroup?.cut = nil }
      }, also: [.l4: "What is wrong in the record of a change is no record of it."]),
    Mutation(
      .l1, "JSON does not say that a path is cut",
      .json { text in
        text = text.replacing(#","cgroup_cut":true"#, with: "")
      }, also: [.l4: "What is wrong in the record of a change is no record of it."]),
    Mutation(
      .l4, "a container never comes to have a filter",
      .events { events in
        events.forge(.update) { $0.confinement?.new.seccomp = 0 }
      }, also: [.l1: "what is said of no_new_privs of a cgroup is said in the same record"]),
  ]
}

// MARK: - What is written of it

extension Mutation {
  private static let texts: [Mutation] = [
    Mutation(
      .r7, "ino= has the old number",
      .audit { text in
        text = text.replacing(in: "NS_CREATE", "ino", by: "old-ino")
      }),
    Mutation(
      .r7, "ino has the old number in JSON",
      .json { text in
        text = text.replacingInJSON("NS_CREATE", "ino", by: "old_ino")
      }),
    Mutation(
      .r10, "ino= has the old number",
      .audit { text in
        text = text.replacing(in: "NS_CHANGE", "ino", by: "old-ino")
      }, also: [.r8: "ns-contid= is that of the other namespace"]),
    Mutation(
      .r4, "contid=666 in every record",
      .audit { text in
        text = text.replacing(/\ contid=[^ \n]+/) { _ in " contid=666" }
      },
      also: wrongID),
    Mutation(
      .r4, "contid 666 in every record in JSON",
      .json { text in
        text = text.replacing(/"contid":\[[^\]]*\]/) { _ in #""contid":["666"]"# }
      },
      also: wrongID),
    Mutation(
      .t15, "exit= is 0 whatever came of it",
      .audit { text in
        text = text.replacing(/\ exit=-?[0-9]+/) { _ in " exit=0" }
      }),
    Mutation(
      .r3, "netns= is mntns=",
      .audit { text in
        text = text.replacing(in: "NS_INFO", "netns", by: "mntns")
      }),
    Mutation(
      .r3, "errno= is EINVAL whatever the reason",
      .audit { text in
        text = text.replacing(/\ errno=[A-Z]+/) { _ in " errno=EINVAL" }
      }),
    Mutation(
      .r3, "the same in JSON",
      .json { text in
        text = text.replacing(/"errno":"[A-Z]+"/) { _ in #""errno":"EINVAL""# }
      }),
    Mutation(
      .r3, "a refusal has no errno",
      .audit { text in
        text = text.replacing(/\ errno=[A-Z]+/) { _ in "" }
      }, also: [.t14: "a record without it cannot be read"]),
    Mutation(
      .t14, "res= is always 1",
      .audit { text in
        text = text.replacing(/\ res=0/) { _ in " res=1" }
      },
      also: [
        .r1: granted, .r2: granted, .r3: granted, .r6: granted, .t7: granted, .t2: granted,
        .t3: granted, .t6: granted, .t10: granted, .t11: granted, .r13: granted, .r4: carried,
        .r7: "a refused call is recorded with res=0", .r10: "a refused call is recorded with res=0",
        .t5: "a refusal is no switch",
      ]),
  ]
}

// MARK: - T2, T3, T5, T6, T10 and T11

extension Mutation {
  private static let positions: [Mutation] = [
    Mutation(
      .t2, "a second ID is written", .policy(.writeOnce, FaultyPolicy(of: NestedPolicy()))),
    Mutation(
      .t2, "a stain is given to a second task", .policy(.writeOnce, FaultyPolicy(of: RFCPolicy()))),
    Mutation(
      .t2, "a namespace is washed when its container ends",
      .policy(.writeOnce, FaultyPolicy(of: WriteOncePolicy()))),
    Mutation(
      .t2, "a stained namespace takes a second registration",
      .policy(
        .writeOnce, FaultyPolicy(misreading: WriteOncePolicy()) { $0.usesStained = false })),
    Mutation(
      .t2, "an ID whose stain is left is given again",
      .policy(.writeOnce, FaultyPolicy(misreading: WriteOncePolicy()) { $0.isStain = false })),
    Mutation(
      .t2, "a namespace is washed when the tracer ends",
      .input { record in
        if case .stain? = record { record = nil }
      }),
    Mutation(
      .t2, "ns-contid= has no stains",
      .events { events in
        for index in events.indices {
          for place in events[index].namespaces.indices
          where events[index].namespaces[place].verb == .create {
            events[index].namespaces[place].namespaceContainers = unset
          }
        }
      }),
    Mutation(
      .t3, "the child's label does not contain the parent's",
      .policy(.nested, FaultyPolicy(of: NestedPolicy()) { _, id in ContainerList([.init(id)]) })),
    Mutation(
      .t18, "a registration is replaced after the lock",
      .request { $0.flags &= ~UInt16(NST_REGISTER_LOCKED) }),
    Mutation(
      .t18, "after the lock nothing is registered",
      .events { events in
        events.forge(.set) { if $0.id == Occasions.late { $0.refusal = .exists } }
      }, also: wrongAnswer.merging([.t9: "the task is in the host's own namespaces"]) { $1 }),
    Mutation(.t3, "nothing nests", .policy(.nested, FaultyPolicy(of: RFCPolicy()))),
    Mutation(
      .t5, "the same set has another ID",
      .events { events in
        for index in events.indices {
          events[index].changeIDs { id, opid in id.low ^= UInt64(opid) }
        }
      },
      also: [
        .l1: labels, .l4: labels, .r1: labels, .r4: carried, .r5: labels, .r7: creator,
        .r11: labels, .r12: lists,
        .t14: labels,
        .l2: shared, .t3: labels, .t10: labels, .r8: lists, .t4: labels, .r2: labels, .t12: lists,
        .t2: lists,
      ]),
    Mutation(
      .t5, "another set has the same ID",
      .events { events in
        for index in events.indices
        where events[index].namespaces.contains(where: { $0.setHash != nil }) {
          events[index].changeIDs { id, _ in
            if id.high >> 12 & 0xf == 8 { id = ContainerID(high: 0x8000, low: 2 << 62) }
          }
        }
      }),
    Mutation(
      .t5, "a switch is not recorded",
      .events { events in
        for index in events.indices {
          events[index].containers.removeAll { $0.verb == .set && $0.id.high >> 12 & 0xf == 8 }
        }
      }),
    Mutation(
      .t5, "nshash= is that of no set", .namespaces(.create) { $0.setHash = NamespaceHash([]) }),
    Mutation(.t6, "a chosen ID is granted", .policy(.randomOnly, FaultyPolicy(of: RFCPolicy()))),
    Mutation(
      .t6, "no process may register itself",
      .policy(.randomOnly, FaultyPolicy(of: RandomOnlyPolicy()))),
    Mutation(
      .t6, "a process may register itself without CAP_AUDIT_WRITE",
      .request { request in
        if request.isForItself { request.flags |= UInt16(NST_REGISTER_WRITER) }
      }),
    Mutation(
      .t6, "it may do so again",
      .policy(
        .randomOnly,
        FaultyPolicy(misreading: RandomOnlyPolicy()) {
          ($0.current, $0.leavesInside) = (ContainerList(), false)
        })),
    Mutation(
      .t6, "who is inside a container leaves its session so",
      .policy(.randomOnly, FaultyPolicy(misreading: RandomOnlyPolicy()) { $0.leavesInside = false })
    ),
    Mutation(
      .t10, "a tag takes the place of those before",
      .policy(.tags, FaultyPolicy(of: TagsPolicy()) { _, id in ContainerList([.init(id)]) })),
    Mutation(
      .t10, "who enters takes no tag", .policy(.tags, FaultyPolicy(of: TagsPolicy()))),
    Mutation(
      .t10, "who enters takes a tag that is not to be taken",
      .request { $0.flags |= UInt16(NST_REGISTER_ON_ENTRY) }),
    Mutation(
      .t10, "nothing says that a tag was taken",
      .events { events in
        for index in events.indices {
          events[index].containers.removeAll { $0.source == .entry }
        }
      }),
    Mutation(.t11, "an ID has 64 bits", .policy(.xid, FaultyPolicy(of: RFCPolicy()))),
  ]
}
