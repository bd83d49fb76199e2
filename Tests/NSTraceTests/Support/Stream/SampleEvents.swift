// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// An event for each case that the formats spell.
enum SampleEvents {
  static let newNet: UInt64 = 0x4000_0000

  static let created = AuditEvent.make(call: .make(flags: newNet), [.created()])

  static let changed = AuditEvent.make(
    call: .make(NST_OP_SETNS, args: (3, newNet, 0, 0)), [.changed()])

  static let destroyed = AuditEvent.make([.destroyed(.newMnt), .destroyed()])

  /// unshare(CLONE_NEWNS | CLONE_NEWNET) is refused: a record for each kind that was asked for.
  static let refused = AuditEvent.make(
    call: .make(flags: newNet | 0x0002_0000, result: -1),
    [
      .refused(.create, .mnt, from: .hostMnt, by: .unshare),
      .refused(.create, .net, from: .hostNet, by: .unshare),
    ])

  /// setns(fd, 0) with a descriptor of no namespace.
  static let refusedWithoutKind = AuditEvent.make(
    call: .make(NST_OP_SETNS, result: -22, args: (7, 0, 0, 0)), proctitle: [],
    [.refused(.change, nil, from: nil, by: .setns)])

  static let lost = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 5, kind: NST_KIND_FORK.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false))

  static let skipped = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 7, kind: NST_KIND_SWITCH.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false, cause: .skipped))

  /// A loss of unknown size.
  static let unheard = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 1, kind: NST_KIND_FREED.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false, cause: .off))

  /// Too many records of one user.
  static let suppressed = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 9, kind: NST_KIND_SWITCH.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false, cause: .share,
      share: LostShare(uid: 65534, cgroup: BoundedText(Array("/user.slice/a b".utf8)))))

  /// Too many records of several users.
  static let suppressedOfSeveral = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 2, kind: NST_KIND_CLONE.rawValue, sinceNs: AuditEvent.sampleTimeNs - 1_000_000,
      resynced: false, cause: .share, share: LostShare(uid: nil, cgroup: BoundedText())))

  /// Records that only one output lacks.
  static func missing(_ cause: LostRecord.Cause) -> AuditEvent {
    .make(
      subject: nil, exe: [], proctitle: [],
      lost: LostRecord(
        count: 9, kind: nil, sinceNs: AuditEvent.sampleTimeNs - 1_000_000, resynced: false,
        cause: cause))
  }

  static let resynced = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 1 << 40, kind: nil, sinceNs: AuditEvent.sampleTimeNs - 1_000_000, resynced: true))

  /// A kernel before 6.18, no terminal, an unknown program, no login.
  static let bare = AuditEvent.make(
    call: .make(NST_OP_CLONE3, flags: newNet, result: 4243, args: (0x7ffd_0000_0000, 88, 0, .max)),
    subject: .make(auid: .max, ses: .max, tty: []), exe: [], proctitle: [],
    [.created(NamespaceID.newNet.withoutID, from: .hostNet.withoutID, by: .clone3, opid: 4243)])

  /// The first task found in a namespace. Its namespace before and the acting task are not known.
  static let late = AuditEvent.make(
    subject: nil, exe: [], proctitle: [], [.created(from: nil, by: .late)])

  /// Task 4243, in a network namespace of its own, is put into container 42 inside container 7.
  static let registered = {
    var event = AuditEvent.make([
      NamespaceRecord(
        verb: .change, op: .assign, kind: .net, namespace: .newNet, old: .newNet, opid: 4243,
        containers: ContainerList([.init(ContainerID(high: 0, low: 42))]),
        namespaceContainers: ContainerList([.init(ContainerID(high: 0, low: 7))]))
    ])
    let list = ContainerList([
      .init(ContainerID(high: 0, low: 42)), .init(ContainerID(high: 0, low: 7), isParent: true),
    ])
    event.info = TaskSummary(
      tid: 4243, tgid: 4243, namespaces: NamespaceSlot.allCases.map { nst_set.host()[$0] }, uid: 0,
      auid: 1000, ses: 3, comm: [], exe: [], exeMarks: [], noNewPrivs: true, seccomp: 2,
      containers: list,
      cgroup: BoundedText(Array("/system.slice/web.service".utf8)))
    event.containers = [
      ContainerRecord(
        verb: .set, opid: 4243, id: ContainerID(high: 0, low: 42),
        old: ContainerList([.init(ContainerID(high: 0, low: 7))]), name: Array("web 1".utf8))
    ]
    return event
  }()

  /// All tasks of container 42 have no_new_privs and a filter from now on.
  static let updated = {
    var event = AuditEvent.make()
    let id = ContainerID(high: 0, low: 42)
    event.containers = [
      ContainerRecord(
        verb: .update, opid: 4243, id: id, old: ContainerList([.init(id)]),
        name: Array("web".utf8),
        confinement: ContainerConfinement.Change(
          new: ContainerConfinement(hasNoNewPrivs: true, seccomp: 2),
          old: ContainerConfinement()))
    ]
    return event
  }()

  /// A task without no_new_privs has joined a cgroup whose path is cut.
  static let cgroupUpdated = {
    var event = AuditEvent.make()
    event.containers = [
      ContainerRecord(
        verb: .update, opid: 4243, id: .unset, old: ContainerList(), name: [],
        confinement: ContainerConfinement.Change(
          new: ContainerConfinement(), old: ContainerConfinement(hasNoNewPrivs: true, seccomp: 0)),
        cgroup: BoundedText(Array("/web 1".utf8), cut: .front))
    ]
    return event
  }()

  /// Task 4243 was moved out of container 42, in which others remain.
  static let left = {
    var event = AuditEvent.make()
    event.isAttach = true
    event.containers = [
      ContainerRecord(
        verb: .set, opid: 4243, id: .unset,
        old: ContainerList([.init(ContainerID(high: 0, low: 42))]), name: [], source: .cgroup)
    ]
    return event
  }()

  static let registrationRefused = {
    var event = AuditEvent.make(exe: [])
    event.containers = [
      ContainerRecord(
        verb: .set, opid: 4243, id: ContainerID(high: 1, low: 2), old: ContainerList(),
        name: Array("web".utf8), refusal: .busy)
    ]
    return event
  }()

  static let dropped = {
    var event = AuditEvent.make()
    let list = ContainerList([.init(ContainerID(high: 0, low: 42))])
    event.actorContainers = list
    event.containers = [
      ContainerRecord(verb: .drop, opid: 4242, id: .unset, old: list, name: [])
    ]
    return event
  }()

  /// Under write-once a task enters a namespace without tasks that container 42 has stained.
  static let stained: AuditEvent = {
    var record = NamespaceRecord.created(by: .setns)
    record.namespaceContainers = ContainerList([.init(ContainerID(high: 0, low: 42))])
    return .make(call: .make(NST_OP_SETNS), [record])
  }()

  /// Under tags a task takes one tag on entry, and has no room for another.
  static let tagged: AuditEvent = {
    var event = AuditEvent.make(call: .make(NST_OP_SETNS), [.changed()])
    let refusals: [RegistrationError?] = [nil, .exists]
    event.containers = refusals.enumerated().map { index, refusal in
      ContainerRecord(
        verb: .set, opid: 4242, id: ContainerID(high: 0, low: UInt64(42 + index)), source: .entry,
        refusal: refusal)
    }
    return event
  }()

  /// A task in container 7 enters a namespace of containers 42 and 43.
  static let entered = {
    var record = NamespaceRecord.changed()
    record.containers = ContainerList([.init(ContainerID(high: 0, low: 7))])
    record.namespaceContainers = ContainerList([
      .init(ContainerID(high: 0, low: 42)), .init(ContainerID(high: 0, low: 43)),
    ])
    var event = AuditEvent.make(call: .make(NST_OP_SETNS, args: (3, newNet, 0, 0)), [record])
    event.actorContainers = record.containers
    return event
  }()

  /// A task in container 7 enters a namespace whose list of containers is in event 9.
  static let referring = {
    var event = entered
    event.namespaces[0].namespaceContainers = ContainerList()
    event.namespaces[0].listedIn = 9
    return event
  }()

  /// The one of `entered` in a container session, with the hash of its set afterwards.
  static let enteredInSession = {
    var event = entered
    event.namespaces[0].session = 3
    event.namespaces[0].setHash = NamespaceHash([.newNet])
    event.sessions = [session(.begin, opid: 4242, SessionRecord.Way(.setns, [.net]))]
    event.visits = [event.sessions[0].visit]
    event.actorSession = 3
    return event
  }()

  /// The last task of that session exits, and with it a namespace ends.
  static let leftSession = {
    var record = NamespaceRecord.destroyed()
    record.session = 3
    var event = AuditEvent.make(subject: .make(4300, comm: Array("sh".utf8)), [record])
    event.sessions = [session(.end, opid: 4300, SessionRecord.Way(.exit))]
    event.visits = [event.sessions[0].visit]
    event.actorSession = 3
    return event
  }()

  /// A walk finds that an unknown task has come into a container.
  static let foundInside = {
    var event = AuditEvent.make(subject: nil, exe: [], proctitle: [])
    var record = session(.begin, opid: 4242, SessionRecord.Way(.resync, [.mnt, .net]))
    (record.entrant, record.exe) = (nil, [])
    event.sessions = [record]
    event.visits = [record.visit]
    return event
  }()

  /// A session has ended while no tracer ran.
  static let endedUnseen = {
    var event = AuditEvent.make(subject: nil, exe: [], proctitle: [])
    var record = session(.end, opid: 4242, SessionRecord.Way(.late))
    record.sinceNs = AuditEvent.sampleTimeNs - 1_000_000
    record.wayIn = SessionRecord.Way(.setns, [.net])
    event.sessions = [record]
    event.visits = [record.visit]
    return event
  }()

  private static func session(
    _ verb: SessionRecord.Verb, opid: UInt32, _ way: SessionRecord.Way
  ) -> SessionRecord {
    let containers = ContainerList([
      .init(ContainerID(high: 0, low: 42)), .init(ContainerID(high: 0, low: 43)),
    ])
    return SessionRecord(
      verb: verb, ContainerVisit(session: 3, containers: containers), way, opid: opid,
      entrant: EventActor(.make()), exe: WireSample.exeText)
  }

  static let lifecycles = {
    let steps: [LifecycleRecord.Step] = [.machineID, .resource(.newNet), .start, .stop]
    return steps.map { step in
      var event = AuditEvent.make(proctitle: [])
      event.lifecycle = LifecycleRecord(
        step: step, id: ContainerID(high: 0, low: 42), name: Array("web 1".utf8))
      return event
    }
  }()

  /// The program's path is cut, and its file is deleted.
  static let marked = AuditEvent.make(
    call: .make(flags: newNet), exe: Array("/bin/x".utf8), exeMarks: [.deleted, .cut], [.created()])

  static let all =
    lifecycles + [
      marked, created, changed, destroyed, refused, refusedWithoutKind, lost, suppressed,
      suppressedOfSeveral, skipped, unheard,
      resynced, bare, late,
      registered, registrationRefused, dropped, entered, enteredInSession, leftSession, foundInside,
      endedUnseen, left, updated, cgroupUpdated,
    ]
}
