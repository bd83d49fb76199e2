// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// T18: once the keeper is locked, a task that has a registration's number keeps it: the registration
/// is not changed, replaced or taken back. New ones stay possible.
///
/// The stream says that it is locked with each registration. Judged are the printed records, and the
/// numbers that the kernel side carries, by the stream itself.
struct LockJudge: Judge {
  private var tally = Tally()
  private var isLocked = false
  /// The number of each task that has one, by tid.
  private var carried: [UInt32: Carried] = [:]
  /// The numbers of the registrations that the stream has.
  private var registered: Set<UInt32> = []
  private var members: [nst_member] = []

  private struct Carried {
    var startNs: UInt64
    var number: UInt32
  }

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    for (task, number) in evidence.raw.carried {
      weigh(task, number, at: evidence.serials)
    }
    switch evidence.raw {
    case .exit(let exit, _): carried[exit.task.tid] = nil
    case .member(let member): members.append(member)
    case .kept(let kept, _): read(kept)
    case .register(let request, _):
      weigh(request, evidence)
      if let registration = account.registration { weigh(registration, evidence) }
    case .fork, .task, .clone, .switchNamespaces, .exec, .cgroup, .cgroupIn, .attach, .freed,
      .pinned, .users, .confined, .host, .clock, .snapshotBegin, .snapshotEnd, .lost, .suppressed,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      break
    }
  }

  /// A task's number, in a record of its own.
  private mutating func weigh(_ task: nst_task_id, _ number: UInt32, at serials: [UInt64]) {
    let before = carried[task.tid]
    carried[task.tid] =
      number == 0 ? nil : Carried(startNs: task.start_ns, number: number)
    guard isLocked, let before, before.startNs == task.start_ns, before.number != number,
      registered.contains(before.number)
    else { return }
    tally.expect(false, at: serials) {
      "task \(task.tid) had registration \(before.number) and has \(number) after the lock"
    }
  }

  private mutating func read(_ kept: nst_kept) {
    members = []
    if Int32(kept.flags) & NST_REGISTER_LOCKED != 0 { isLocked = true }
    registered.insert(kept.container)
  }

  /// What the kernel side has done.
  private mutating func weigh(_ request: nst_register, _ evidence: Evidence) {
    let members = members.suffix(Int(request.members))
    self.members = []
    if request.has(NST_REGISTER_LOCKED) { isLocked = true }
    guard request.container != 0 else { return }
    registered.insert(request.container)
    let reached = members.filter { $0.isTarget || request.has(NST_REGISTER_DESCENDANTS) }
    let previous = members.first(where: \.isTarget)?.container ?? 0
    for member in reached where member.container == previous {
      carried[member.task.tid] = Carried(
        startNs: member.task.start_ns, number: request.container)
    }
    tally.expectNone(isLocked && previous != 0 ? 1 : 0, at: evidence.serials) {
      "registration \(previous) was replaced by \(request.container) after the lock"
    }
  }

  /// What was granted and recorded.
  private mutating func weigh(_ registration: Account.Registering, _ evidence: Evidence) {
    guard registration.request.has(NST_REGISTER_LOCKED) else { return }
    let target = registration.request.target_tid
    tally.expectRefusal(
      of: registration, only: .locked, isGranted: evidence.isGranted, at: evidence.serials,
      "task \(target) was registered again after the lock")
    guard registration.isGranted else { return }
    tally.expect(evidence.isGranted, at: evidence.serials) {
      "the lock kept task \(target) from its first registration"
    }
  }

  var verdicts: [Clause: Verdict] {
    [.t18: tally.verdict(orElse: "nothing was registered while the registrations were locked")]
  }
}

extension RawRecord {
  /// The tasks that the record reports, with the numbers that the kernel side carries for them.
  fileprivate var carried: [(nst_task_id, UInt32)] {
    switch self {
    case .fork(let record): [(record.child, record.container)]
    case .clone(let record, _): [(record.child, record.call.container)]
    case .task(let record, _):
      record.isOfCensus ? [] : [(record.subject.task, record.container)]
    case .switchNamespaces(let record, _): [(record.subject.task, record.call.container)]
    case .exec(let record, _, _): [(record.subject.task, record.call.container)]
    case .exit, .cgroup, .cgroupIn, .attach, .freed, .pinned, .users, .confined, .host, .clock,
      .snapshotBegin, .snapshotEnd, .lost, .suppressed, .member, .register, .kept,
      .keptSession, .inside, .stain, .audit, .auditLost, .unknown:
      []
    }
  }
}
