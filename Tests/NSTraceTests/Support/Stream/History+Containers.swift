// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// How a registration is asked for.
struct RegistrationFacts: Sendable {
  /// Threads and descendants of the target, as the walk found them.
  var family: [UInt32] = []
  var includesDescendants = false
  var isCapable = true
  var isRandom = false
  var descends = true
  var isMalformed = false
  /// The walk found the target.
  var isFound = true
  var name = ""
  /// Of putting it into the kernel.
  var result: Int32 = 0
  /// Of those that the kernel side gives the number to, some whose birth is still to be told.
  var hasNumber = true
  /// The number that those carried who were found.
  var carried: UInt32 = 0

  fileprivate var flags: Int32 {
    (isCapable ? NST_REGISTER_CAPABLE : 0) | (isRandom ? NST_REGISTER_RANDOM : 0)
      | (includesDescendants ? NST_REGISTER_DESCENDANTS : 0)
      | (descends ? NST_REGISTER_DESCENDS : 0) | (isMalformed ? NST_REGISTER_MALFORMED : 0)
  }
}

extension History.Step {
  /// The host's own namespaces are those of `.initial`.
  static let host = Self { run in
    var record = nst_host()
    record.initial = NamespacePlace.initial.wire
    run.append(record)
  }

  /// What the records about a task say from here on; no record of its own.
  static func called(
    _ tid: UInt32, _ comm: String = "", ppid: UInt32 = 0, hasNoNewPrivs: Bool = false
  ) -> Self {
    Self { run in
      run.change(tid) {
        ($0.comm, $0.ppid, $0.hasNoNewPrivs) = (Array(comm.utf8), ppid, hasNoNewPrivs)
      }
    }
  }

  /// From here on the task has CAP_AUDIT_CONTROL, or has not, and its parent is that one; no record of
  /// its own.
  static func capable(_ tid: UInt32, _ isCapable: Bool = true, ppid: UInt32 = 1) -> Self {
    Self { run in run.change(tid) { ($0.isCapable, $0.ppid) = (isCapable, ppid) } }
  }

  /// `caller` asks for `target` to be in the container of that ID.
  static func register(
    _ target: UInt32, _ id: String, by caller: UInt32 = 9,
    _ facts: RegistrationFacts = RegistrationFacts()
  ) -> Self {
    Self { run in
      Self.number(target, facts).put(&run)
      Self.registered(target, id, by: caller, facts).put(&run)
    }
  }

  /// The kernel side gives the next number to those that a registration reaches: from here on their
  /// children are born with it.
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

  /// The records of the registration whose number was given last.
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
