// SPDX-License-Identifier: Apache-2.0

internal import CBPF
public import CNSWire
internal import Glibc
public import NSTrace

/// Judges a registration by the records that will stand in the stream, so that a replay comes to
/// the same verdict; nil: granted.
public typealias RegistrationJudge = (nst_register, [nst_member]) -> RegistrationError?

extension KernelSource {
  /// Registers a container: judges, gives its number to the tasks, and puts MEMBER records and the
  /// REGISTER record behind what the ring holds now; when it is refused, before that, so that who
  /// reads the stream refuses it in the state in which it was judged.
  ///
  /// The target and its family go on running, and forking, meanwhile. Who is born before the target
  /// has the number does not have it; who is born afterwards has it from the start. So those born
  /// before are looked for afterwards: either they are moved too, or all of it is taken back.
  ///
  /// The MEMBER records say what the tasks carried before. A refused registration has no number.
  public mutating func register(
    _ request: RegistrationRequest, judge: RegistrationJudge
  ) -> RegistrationOutcome {
    var record = nst_register(request)
    var members: [nst_member] = []
    let outcome: RegistrationOutcome
    do throws(SystemError) {
      if request.isRandom { record.contid = .random() }
      record.target_tid = try process(of: request.target)
      if try descends(record.target_tid, from: request.caller) {
        record.flags |= UInt16(NST_REGISTER_DESCENDS)
      }
      outcome = try settle(&record, &members, judge)
    } catch {
      record.result = -error.errno
      record.container = 0
      outcome = .failed(error)
    }
    enqueue(record, members, name: request.name)
    return outcome
  }

  /// Whether a process has CAP_AUDIT_CONTROL, effective, in the initial user namespace (R2, T7): by
  /// the kernel side's own look, for /proc tells a tracer without privileges half of it.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func isCapable(_ pid: UInt32) throws(SystemError) -> Bool {
    let seen = try pass(NST_FAMILY_CALLER, nst_family(tgid: pid, container: 0, previous: 0))
    return seen.contains { $0.task.tid == pid && $0.flags & UInt32(NST_MEMBER_CAPABLE) != 0 }
  }

  /// Looks how all tasks are confined by now, and puts CONFINED records of those that are otherwise than
  /// was thought behind what has been read.
  /// - Parameter isNews: whether the task is known, and not known to be confined so.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  public mutating func lookAtConfinements(
    isNews: (nst_task_id, Confinement) -> Bool
  ) throws(SystemError) {
    let family = nst_family(tgid: 0, container: 0, previous: 0)
    for member in try pass(NST_FAMILY_EVERYONE, family) {
      let confinement = Confinement(member)
      guard isNews(member.task, confinement) else { continue }
      var record = nst_confined()
      record.hdr.time_ns = Self.now(CLOCK_BOOTTIME)
      record.task = member.task
      record.flags = confinement.hasNoNewPrivs ? UInt16(NST_SUBJECT_NO_NEW_PRIVS) : 0
      record.seccomp = confinement.seccomp
      enqueue(record)
    }
  }

  /// The process that a task belongs to; itself when there is none.
  private mutating func process(of tid: UInt32) throws(SystemError) -> UInt32 {
    let seen = try pass(NST_FAMILY_LOOK, nst_family(tgid: tid, container: 0, previous: 0))
    return seen.first { $0.task.tid == tid }?.task.tgid ?? tid
  }

  private mutating func descends(
    _ target: UInt32, from caller: UInt32
  ) throws(SystemError) -> Bool {
    let seen = try pass(NST_FAMILY_LOOK, nst_family(tgid: caller, container: 0, previous: 0))
    return seen.contains { $0.task.tid == target && $0.isDescendant }
  }

  private mutating func settle(
    _ record: inout nst_register, _ members: inout [nst_member], _ judge: RegistrationJudge
  ) throws(SystemError) -> RegistrationOutcome {
    var family = nst_family(tgid: record.target_tid, container: 0, previous: 0)
    watch(family, true)
    defer { watch(family, false) }
    members = try pass(NST_FAMILY_LOOK, family)
    // Those who carry what the target carries are who the number is for.
    family.previous = members.first { $0.isTarget }?.container ?? 0
    watch(family, true)
    members = try pass(NST_FAMILY_LOOK, family)
    record.members = UInt32(members.count)
    if let refusal = judge(record, members) { return .refused(refusal) }
    family.container = nextContainer
    nextContainer += 1
    let carried: [nst_member]?
    do throws(SystemError) {
      carried =
        record.flags & UInt16(NST_REGISTER_DESCENDANTS) != 0
        ? try giveToAll(family) : try giveToTarget(family)
    } catch {
      takeBack(family)
      throw error
    }
    guard let carried else {
      takeBack(family)
      record.result = -EBUSY
      return .refused(.busy)
    }
    guard !carried.isEmpty else {
      record.result = -ESRCH
      return .refused(.noSuchTask)
    }
    record.container = family.container
    members = Self.before(carried, seen: members, family)
    record.members = UInt32(members.count)
    let tasks = carried.count { $0.container == family.container }
    return .granted(ContainerID(high: record.contid_high, low: record.contid_low), tasks: tasks)
  }

  /// The target alone; nil when it turns out to have family that was born without the number, and
  /// empty when it has gone.
  private mutating func giveToTarget(_ family: nst_family) throws(SystemError) -> [nst_member]? {
    let target = try pass(NST_FAMILY_TARGET, family).filter { $0.container == family.container }
    let isAlone = try pass(NST_FAMILY_LOOK, family).allSatisfy {
      $0.container == family.container
    }
    return isAlone && births == 0 ? target.filter(\.isTarget) : nil
  }

  /// The target and its family; nil when they are born faster than they can be counted.
  private mutating func giveToAll(_ family: nst_family) throws(SystemError) -> [nst_member]? {
    for _ in 0..<Self.passesMax {
      _ = try pass(NST_FAMILY_ALL, family)
      let seen = try pass(NST_FAMILY_LOOK, family)
      if seen.allSatisfy({ $0.container != family.previous }) { return seen }
    }
    return nil
  }

  /// From everyone: who inherited it while it was taken back loses it in the next pass.
  private mutating func takeBack(_ family: nst_family) {
    watch(family, false)
    for _ in 0..<Self.passesMax {
      let found = try? pass(NST_FAMILY_NONE, family)
      if found?.isEmpty == true { return }
    }
  }

  /// What those who carry the number now carried before.
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

  private static var passesMax: Int { 100 }
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

extension ContainerID {
  /// A UUID of version 4 (RFC 9562, 5.4), from getrandom(2).
  static func random() -> ContainerID {
    var generator = SystemRandomNumberGenerator()
    return ContainerID(
      high: generator.next() & ~0xf000 | 0x4000, low: generator.next() & ~(3 << 62) | 2 << 62)
  }
}
