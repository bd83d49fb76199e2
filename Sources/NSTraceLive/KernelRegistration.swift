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
/// The MEMBER records hold what the tasks carried before. A refused registration has no number.
struct KernelRegistration {
  var record: nst_register
  private(set) var members: [nst_member] = []
  private let isRandom: Bool

  /// The most passes that are made for tasks that are born meanwhile.
  static let passesMax = 100

  init(_ request: RegistrationRequest) {
    record = nst_register(request)
    isRandom = request.isRandom
  }

  /// - Parameter number: the number of the next registration; raised by one once it is given.
  mutating func run(
    number: inout UInt32, _ port: inout some FamilyPort & ~Copyable, _ judge: RegistrationJudge
  ) -> RegistrationOutcome {
    do throws(SystemError) {
      if isRandom { record.contid = .random() }
      record.target_tid = try Self.process(of: record.target_tid, &port)
      if try Self.descends(record.target_tid, from: record.caller_tid, &port) {
        record.flags |= UInt16(NST_REGISTER_DESCENDS)
      }
      return try settle(number: &number, &port, judge)
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

  private static func descends(
    _ target: UInt32, from caller: UInt32, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> Bool {
    let family = nst_family(tgid: caller, container: 0, previous: 0)
    return try port.pass(NST_FAMILY_LOOK, family)
      .contains { $0.task.tid == target && $0.isDescendant }
  }

  private mutating func settle(
    number: inout UInt32, _ port: inout some FamilyPort & ~Copyable, _ judge: RegistrationJudge
  ) throws(SystemError) -> RegistrationOutcome {
    var family = nst_family(tgid: record.target_tid, container: 0, previous: 0)
    port.watchFamily(family, true)
    defer { port.watchFamily(family, false) }
    members = try port.pass(NST_FAMILY_LOOK, family)
    // The number goes to the tasks that carry what the target carries.
    family.previous = members.first { $0.isTarget }?.container ?? 0
    port.watchFamily(family, true)
    members = try port.pass(NST_FAMILY_LOOK, family)
    record.members = UInt32(members.count)
    if let refusal = judge(record, members) { return .refused(refusal) }
    family.container = number
    number += 1
    guard let carried = try give(family, &port) else {
      record.result = -EBUSY
      return .refused(.busy)
    }
    guard !carried.isEmpty else {
      record.result = -ESRCH
      return .refused(.noSuchTask)
    }
    return grant(family, carried)
  }

  private mutating func grant(
    _ family: nst_family, _ carried: [nst_member]
  ) -> RegistrationOutcome {
    record.container = family.container
    members = Self.before(carried, seen: members, family)
    record.members = UInt32(members.count)
    let tasks = carried.count { $0.container == family.container }
    return .granted(ContainerID(high: record.contid_high, low: record.contid_low), tasks: tasks)
  }

  /// Gives the number to the target, or to it and its family.
  /// - Returns: the members afterwards; empty if the target has exited; nil if tasks were born
  ///   without the number, which is then taken back from all.
  /// - Throws: `SystemError` if the tasks cannot be walked over; the number is taken back.
  private func give(
    _ family: nst_family, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> [nst_member]? {
    let carried: [nst_member]?
    do throws(SystemError) {
      carried =
        record.flags & UInt16(NST_REGISTER_DESCENDANTS) != 0
        ? try Self.giveToAll(family, &port) : try Self.giveToTarget(family, &port)
    } catch {
      Self.takeBack(family, &port)
      throw error
    }
    if carried == nil { Self.takeBack(family, &port) }
    return carried
  }

  /// Gives the number to the target alone. Nil if its family has grown without the number; empty if
  /// the target has exited.
  private static func giveToTarget(
    _ family: nst_family, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> [nst_member]? {
    let target = try port.pass(NST_FAMILY_TARGET, family)
      .filter { $0.container == family.container }
    let isAlone = try port.pass(NST_FAMILY_LOOK, family)
      .allSatisfy { $0.container == family.container }
    return isAlone && port.births == 0 ? target.filter(\.isTarget) : nil
  }

  /// Gives the number to the target and its family. Nil if tasks are born faster than passes are
  /// made.
  private static func giveToAll(
    _ family: nst_family, _ port: inout some FamilyPort & ~Copyable
  ) throws(SystemError) -> [nst_member]? {
    for _ in 0..<passesMax {
      _ = try port.pass(NST_FAMILY_ALL, family)
      let seen = try port.pass(NST_FAMILY_LOOK, family)
      if seen.allSatisfy({ $0.container != family.previous }) { return seen }
    }
    return nil
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
      let same = first[member.task.tid].flatMap {
        $0.task.start_ns == member.task.start_ns ? $0 : nil
      }
      member.container = family.previous
      return same ?? member
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
    if request.callerIsCapable { flags |= UInt16(NST_REGISTER_CAPABLE) }
    if request.isRandom { flags |= UInt16(NST_REGISTER_RANDOM) }
    if request.includesDescendants { flags |= UInt16(NST_REGISTER_DESCENDANTS) }
    if request.contid == nil && !request.isRandom { flags |= UInt16(NST_REGISTER_MALFORMED) }
  }

  fileprivate var contid: ContainerID {
    get { ContainerID(high: contid_high, low: contid_low) }
    set { (contid_high, contid_low) = (newValue.high, newValue.low) }
  }
}
