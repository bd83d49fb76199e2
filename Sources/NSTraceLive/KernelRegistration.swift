// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
internal import NSTrace

/// One registration: judges it, and gives its number to the tasks.
///
/// The target and its family go on running and forking meanwhile. A task that is born before the
/// target has the number lacks it; a task that is born later has it from the start. The tasks born
/// before are therefore looked for afterwards. Either they get the number too, or all of it is
/// taken back.
///
/// The target can also exit meanwhile, and another task can get its tid. That one is not the target:
/// the number is taken back.
///
/// A process whose leader has exited lives on in its other threads. The oldest of them is the target.
///
/// The MEMBER records hold what the tasks carried before. A refused registration has no number.
struct KernelRegistration {
  var record: nst_register
  private(set) var members: [nst_member] = []
  private let isRandom: Bool
  /// When the caller was started; 0: not known.
  private let callerStartNs: UInt64
  /// What is kept of it.
  private var kept: KeptRegistration

  /// The most passes that are made for tasks that are born meanwhile.
  static let passesMax = 100

  /// - Parameters:
  ///   - owners: of the container once it is registered.
  ///   - timeNs: CLOCK_BOOTTIME, nanoseconds.
  init(_ request: RegistrationRequest, owners: [nst_task_id], at timeNs: UInt64) {
    record = nst_register(request)
    isRandom = request.isRandom
    callerStartNs = request.callerStartNs
    kept = KeptRegistration(nst_kept(owners: owners, at: timeNs), name: request.name)
  }

  /// - Parameter number: the number of the next registration; raised by one once it is given.
  mutating func run(
    number: inout UInt32, _ port: inout some FamilyPort & ~Copyable, _ judge: RegistrationJudge
  ) -> RegistrationOutcome {
    do throws(SystemError) {
      if isRandom { record.contid = .random() }
      record.target_tid = try Self.process(of: record.target_tid, &port)
      let kin = try Self.descendants(in: record.target_tid, of: record.caller_tid, &port)
      return try settle(kin, number: &number, &port, judge)
    } catch {
      record.result = -error.errno
      record.container = 0
      return .failed(error)
    }
  }

  /// The thread group of a task; the task's own tid if there is no such task.
  private static func process(
    of tid: UInt32, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> UInt32 {
    let family = nst_family(tgid: tid, container: 0, previous: 0)
    return try port.pass(NST_FAMILY_LOOK, family).first { $0.task.tid == tid }?.task.tgid ?? tid
  }

  /// The tasks of a process if it descends from the caller.
  private static func descendants(
    in process: UInt32, of caller: UInt32, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> [nst_task_id] {
    let family = nst_family(tgid: caller, container: 0, previous: 0)
    return try port.pass(NST_FAMILY_LOOK, family)
      .filter { $0.isDescendant && $0.task.tgid == process }.map(\.task)
  }

  private mutating func settle(
    _ kin: [nst_task_id], number: inout UInt32, _ port: inout some FamilyPort & ~Copyable,
    _ judge: RegistrationJudge
  ) throws(SystemError) -> RegistrationOutcome {
    var family = nst_family(tgid: record.target_tid, container: 0, previous: 0)
    port.watchFamily(family, true)
    defer { port.watchFamily(family, false) }
    // The number goes to the tasks that carry what the target carries.
    family.previous = try Self.look(family, &port).first { $0.isTarget }?.container ?? 0
    port.watchFamily(family, true)
    members = try Self.look(family, &port)
    record.members = UInt32(members.count)
    let target = members.first { $0.isTarget }
    if let target { aim(at: target.task, kin) }
    if port.isLocked { record.flags |= UInt16(NST_REGISTER_LOCKED) }
    if let refusal = judge(record, members) { return .refused(refusal) }
    guard let target, !isOther(target.task) else { return refuse(.noSuchTask) }
    // T18: it may have been locked since, and the judge does not know.
    if port.isLocked, family.previous != 0 { return refuse(.exists) }
    // No number is given twice, and the last is never reached.
    guard number < UInt32.max else { return refuse(.noRoom) }
    family.container = number
    number += 1
    do throws(SystemError) {
      try keep(family, &port)
    } catch {
      if error.errno == ENOSPC { return refuse(.noRoom) }
      throw error
    }
    do throws(SystemError) {
      switch try give(family, target, &port) {
      case .given(let carried):
        port.grantKept()
        return grant(family, target, carried)
      case .refused(let reason):
        port.forgetKept(family.container)
        return refuse(reason)
      }
    } catch {
      port.forgetKept(family.container)
      throw error
    }
  }

  /// Whether a process that asked for itself has ended, and its pid is the target's by now.
  private func isOther(_ target: nst_task_id) -> Bool {
    target.tid == record.caller_tid && callerStartNs != 0 && target.start_ns != callerStartNs
  }

  /// Keeps the registration before any task has its number. If the tracer ends before all have it, the
  /// next one takes it back.
  /// - Throws: `SystemError`; ENOSPC: there is no room.
  private mutating func keep(
    _ family: nst_family, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) {
    kept.record.contid_high = record.contid_high
    kept.record.contid_low = record.contid_low
    kept.record.caller_tid = record.caller_tid
    kept.record.target_tid = record.target_tid
    kept.record.flags = record.flags
    kept.record.container = family.container
    kept.record.previous = family.previous
    try port.keep(kept)
  }

  private mutating func aim(at target: nst_task_id, _ kin: [nst_task_id]) {
    record.target_tid = target.tid
    if kin.contains(where: target.isSame) { record.flags |= UInt16(NST_REGISTER_DESCENDS) }
  }

  /// The members of the family, the target among them if any thread of its process lives.
  private static func look(
    _ family: nst_family, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> [nst_member] {
    var members = try port.pass(NST_FAMILY_LOOK, family)
    if members.contains(where: \.isTarget) { return members }
    let threads = members.indices.filter { members[$0].isThread }
    let oldest = threads.min { members[$0].task.start_ns < members[$1].task.start_ns }
    if let oldest { members[oldest].flags = UInt32(NST_MEMBER_TARGET) }
    return members
  }

  private mutating func refuse(_ reason: RegistrationError) -> RegistrationOutcome {
    record.result = -reason.rawValue
    return .refused(reason)
  }

  private mutating func grant(
    _ family: nst_family, _ target: nst_member, _ carried: [nst_member]
  ) -> RegistrationOutcome {
    record.container = family.container
    members = Self.before(carried, seen: members, family)
    // It has exited since it got the number.
    if !members.contains(where: \.isTarget) { members.insert(target, at: 0) }
    record.members = UInt32(members.count)
    let tasks = carried.count { $0.container == family.container }
    return .granted(ContainerID(high: record.contid_high, low: record.contid_low), tasks: tasks)
  }

  private enum Giving {
    /// The members that have the number.
    case given([nst_member])
    /// Nobody has it any more.
    case refused(RegistrationError)
  }

  /// Gives the number to the target, or to it and its family. Takes it back if that fails.
  /// - Throws: `SystemError` if the tasks cannot be walked over; the number is taken back.
  private func give(
    _ family: nst_family, _ target: nst_member, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> Giving {
    let giving: Giving
    do throws(SystemError) {
      giving =
        record.flags & UInt16(NST_REGISTER_DESCENDANTS) != 0
        ? try Self.giveToAll(family, target, &port) : try Self.giveToTarget(family, target, &port)
    } catch {
      Self.takeBack(family, &port)
      throw error
    }
    if case .refused = giving { Self.takeBack(family, &port) }
    return giving
  }

  /// Gives the number to the target alone. Refused if its family has grown without the number, or if
  /// it has exited before it got the number, or if another task has its tid.
  private static func giveToTarget(
    _ family: nst_family, _ target: nst_member, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> Giving {
    // A thread is the target only if it is the whole family.
    let action = target.task.tid == family.tgid ? NST_FAMILY_TARGET : NST_FAMILY_ALL
    let given = try port.pass(action, family)
      .filter { $0.task.isSame(target.task) && $0.container == family.container }
    let seen = try port.pass(NST_FAMILY_LOOK, family)
    if given.isEmpty || seen.contains(where: { $0.task.hasFollowed(target.task) }) {
      return .refused(.noSuchTask)
    }
    let isAlone = seen.allSatisfy { $0.container == family.container }
    return isAlone && port.births == 0 ? .given(given) : .refused(.busy)
  }

  /// Gives the number to the target and its family. Refused if tasks are born faster than passes
  /// are made, or if all have exited, or if another task has the target's tid.
  private static func giveToAll(
    _ family: nst_family, _ target: nst_member, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> Giving {
    for _ in 0..<passesMax {
      _ = try port.pass(NST_FAMILY_ALL, family)
      let seen = try port.pass(NST_FAMILY_LOOK, family)
      if seen.isEmpty || seen.contains(where: { $0.task.hasFollowed(target.task) }) {
        return .refused(.noSuchTask)
      }
      if seen.allSatisfy({ $0.container != family.previous }) { return .given(seen) }
    }
    return .refused(.busy)
  }

  /// Takes the number back from all tasks. A task that inherits it during one pass loses it in the
  /// next.
  private static func takeBack(_ family: nst_family, _ port: inout some FamilyPort & ~Copyable) {
    port.watchFamily(family, false)
    for _ in 0..<passesMax {
      let found = try? port.pass(NST_FAMILY_NONE, family)
      if found?.isEmpty == true { return }
    }
  }

  /// What the tasks that carry the number carried before it.
  private static func before(
    _ carried: [nst_member], seen: [nst_member], _ family: nst_family
  ) -> [nst_member] {
    let first = Dictionary(
      seen.map { ($0.task.tid, $0) }, uniquingKeysWith: { first, _ in first })
    return carried.map { member in
      var member = member
      guard member.container == family.container else { return member }
      let same = first[member.task.tid].flatMap { $0.task.isSame(member.task) ? $0 : nil }
      member.container = family.previous
      return same ?? member
    }
  }
}

extension nst_task_id {
  fileprivate func isSame(_ other: nst_task_id) -> Bool {
    tid == other.tid && start_ns == other.start_ns
  }

  /// Whether this is another task, with the tid that the other one had.
  fileprivate func hasFollowed(_ other: nst_task_id) -> Bool {
    tid == other.tid && start_ns != other.start_ns
  }
}

extension nst_kept {
  /// - Parameter owners: `NST_OWNERS` at most.
  fileprivate init(owners: [nst_task_id], at timeNs: UInt64) {
    self.init()
    registered_ns = timeNs
    unsafe withUnsafeMutableBytes(of: &self.owners) { places in
      unsafe owners.withUnsafeBytes {
        unsafe places.copyMemory(from: .init(rebasing: $0.prefix(places.count)))
      }
    }
  }
}

extension nst_register {
  fileprivate init(_ request: RegistrationRequest) {
    self.init()
    contid = request.contid ?? .unset
    caller_tid = request.caller
    target_tid = request.target
    name_bytes = UInt16(request.name.count)
    if request.capabilities.contains(.control) { flags |= UInt16(NST_REGISTER_CAPABLE) }
    if request.capabilities.contains(.write) { flags |= UInt16(NST_REGISTER_WRITER) }
    if request.isRandom { flags |= UInt16(NST_REGISTER_RANDOM) }
    if request.includesDescendants { flags |= UInt16(NST_REGISTER_DESCENDANTS) }
    if request.isTakenOnEntry { flags |= UInt16(NST_REGISTER_ON_ENTRY) }
    let isMalformed = request.contid == nil && !request.isRandom || request.isOfOtherPolicy
    if isMalformed { flags |= UInt16(NST_REGISTER_MALFORMED) }
  }

  fileprivate var contid: ContainerID {
    get { ContainerID(high: contid_high, low: contid_low) }
    set { (contid_high, contid_low) = (newValue.high, newValue.low) }
  }
}
