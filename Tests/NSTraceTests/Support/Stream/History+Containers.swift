// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// The facts of a registration.
struct RegistrationFacts: Sendable {
  /// The target's threads and descendants that the walk found.
  var family: [UInt32] = []
  var includesDescendants = false
  var isCapable = true
  /// Whether the caller has CAP_AUDIT_WRITE.
  var isWriter = false
  var isRandom = false
  var descends = true
  var isMalformed = false
  /// Whether who enters a namespace that has the ID takes it.
  var isTakenOnEntry = false
  /// Whether the walk found the target.
  var isFound = true
  var name = ""
  /// The kernel side's result, as a negative errno; 0: it succeeded.
  var result: Int32 = 0
  /// Whether the kernel side gives the registration a number.
  var hasNumber = true
  /// The number that the tasks found carried before.
  var carried: UInt32 = 0

  fileprivate var flags: Int32 {
    (isCapable ? NST_REGISTER_CAPABLE : 0) | (isRandom ? NST_REGISTER_RANDOM : 0)
      | (includesDescendants ? NST_REGISTER_DESCENDANTS : 0)
      | (descends ? NST_REGISTER_DESCENDS : 0) | (isMalformed ? NST_REGISTER_MALFORMED : 0)
      | (isWriter ? NST_REGISTER_WRITER : 0)
      | (isTakenOnEntry ? NST_REGISTER_ON_ENTRY : 0)
  }
}

extension History.Step {
  /// HOST, with the namespaces of `.initial` as the host's own.
  static let host = Self { run in
    var record = nst_host()
    record.initial = NamespacePlace.initial.wire
    run.append(record)
  }

  /// Sets the subject of the task's later records, without a record of its own.
  static func called(
    _ tid: UInt32, _ comm: String = "", ppid: UInt32 = 0, hasNoNewPrivs: Bool = false
  ) -> Self {
    Self { run in
      run.change(tid) {
        ($0.comm, $0.ppid, $0.hasNoNewPrivs) = (Array(comm.utf8), ppid, hasNoNewPrivs)
      }
    }
  }

  /// Gives or takes the task's CAP_AUDIT_CONTROL and sets its parent, without a record of its own.
  static func capable(_ tid: UInt32, _ isCapable: Bool = true, ppid: UInt32 = 1) -> Self {
    Self { run in run.change(tid) { ($0.isCapable, $0.ppid) = (isCapable, ppid) } }
  }

  /// `caller` asks to put `target` into the container with that ID.
  static func register(
    _ target: UInt32, _ id: String, by caller: UInt32 = 9,
    _ facts: RegistrationFacts = RegistrationFacts()
  ) -> Self {
    Self { run in
      Self.number(target, facts).put(&run)
      Self.registered(target, id, by: caller, facts).put(&run)
    }
  }

  /// The kernel side gives the next number to the tasks of a registration. Their later children are
  /// born with it.
  static func number(_ target: UInt32, _ facts: RegistrationFacts = RegistrationFacts()) -> Self {
    Self { run in
      run.registrations += 1
      guard facts.hasNumber else { return }
      let number = run.registrations
      for tid in [target] + (facts.includesDescendants ? facts.family : []) {
        run.change(tid) { $0.container = number }
      }
    }
  }

  /// The records of the registration with the last number given.
  static func registered(
    _ target: UInt32, _ id: String, by caller: UInt32 = 9,
    _ facts: RegistrationFacts = RegistrationFacts()
  ) -> Self {
    Self { run in
      let found = (facts.isFound ? [target] : []) + facts.family
      for tid in found {
        member(tid, isTarget: tid == target, carrying: facts.carried).put(&run)
      }
      var record = nst_register()
      let id = ContainerID(id) ?? .unset
      (record.contid_high, record.contid_low) = (id.high, id.low)
      record.caller_tid = caller
      record.target_tid = target
      record.container = facts.hasNumber ? run.registrations : 0
      record.result = facts.result
      record.members = UInt32(found.count)
      record.flags = UInt16(facts.flags)
      record.name_bytes = UInt16(facts.name.utf8.count)
      run.append(record, tail: Array(facts.name.utf8))
    }
  }

  /// A registration that was granted before the stream began, or by another tracer.
  /// - Parameters:
  ///   - number: what its tasks carry from now on, and `previous` before.
  ///   - members: the tasks that a walk found with the number.
  static func kept(
    _ number: UInt32, _ id: String, for target: UInt32 = 2, name: String = "",
    after previous: UInt32 = 0, owner: UInt32 = 0, at registeredNs: UInt64 = 7,
    members: [UInt32] = [], flags: Int32 = 0
  ) -> Self {
    Self { run in
      for tid in members { member(tid, isTarget: false, carrying: number).put(&run) }
      var record = nst_kept()
      let id = ContainerID(id) ?? .unset
      (record.contid_high, record.contid_low) = (id.high, id.low)
      (record.container, record.previous) = (number, previous)
      (record.caller_tid, record.target_tid) = (9, target)
      record.registered_ns = registeredNs
      record.flags = UInt16(flags)
      record.members = UInt32(members.count)
      if owner != 0 { record.owners.0 = run.id(owner) }
      record.name_bytes = UInt16(name.utf8.count)
      run.append(record, tail: Array(name.utf8))
    }
  }

  /// A session of task `opid` that began before the stream did; without IDs the highest number.
  static func keptSession(
    _ number: UInt32, in ids: [String] = [], of opid: UInt32 = 4, at beganNs: UInt64 = 5,
    flags: Int32 = 0
  ) -> Self {
    Self { run in
      var record = nst_kept_session()
      (record.session, record.began_ns, record.opid) = (number, beganNs, opid)
      (record.tid, record.tgid, record.auid) = (opid, opid, 1000)
      (record.op, record.kinds) = (NST_OP_SETNS.rawValue, 1 << 5)
      (record.containers, record.flags) = (UInt16(ids.count), UInt16(flags))
      let halves = ids.compactMap { ContainerID($0) }.flatMap { [$0.high, $0.low] }
      withUnsafeMutableBytes(of: &record.contids) { place in
        halves.withUnsafeBytes { place.copyMemory(from: $0) }
      }
      run.append(record)
    }
  }

  /// A process that was in that session by these slots.
  static func inside(_ tgid: UInt32, _ session: UInt32, _ slots: [NamespaceSlot] = [.net]) -> Self {
    Self { run in
      var record = nst_inside()
      (record.tgid, record.session) = (tgid, session)
      record.slots = slots.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
      run.append(record)
    }
  }

  /// Gives the task a number, without a record of its own.
  static func carrying(_ tid: UInt32, _ number: UInt32) -> Self {
    Self { run in run.change(tid) { $0.container = number } }
  }

  static func member(_ tid: UInt32, isTarget: Bool, carrying number: UInt32 = 0) -> Self {
    Self { run in
      var record = nst_member()
      record.task = run.id(tid)
      record.container = number
      record.flags = UInt32(isTarget ? NST_MEMBER_TARGET : NST_MEMBER_DESCENDANT)
      run.append(record)
    }
  }
}
