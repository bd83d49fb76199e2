// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// What registrations and questions about tasks add to the stream.
extension StreamAssembler where Port: ~Copyable {
  /// Hands out what the ring held when the number was given: births of tasks that have it come
  /// first.
  mutating func nextPending(into batch: inout RecordBatch) -> SourceStatus {
    if pending.bytesAhead > 0, readRing(into: &batch) == .records {
      pending.passed(batch.count)
      return .records
    }
    batch.removeAll()
    batch.append(pending.take())
    return .records
  }
}

extension StreamAssembler where Port: FamilyPort & ~Copyable {
  /// Registers a container. MEMBER records and the REGISTER record come behind what the ring holds
  /// now. Those of a refused registration come before that, so that a replay judges it in the same
  /// state.
  /// - Parameter owners: of the container once it is registered, for what is kept.
  mutating func register(
    _ request: RegistrationRequest, owners: [nst_task_id] = [], judge: RegistrationJudge
  ) -> RegistrationOutcome {
    var registration = KernelRegistration(request, owners: owners, at: port.now(.boot))
    let outcome = registration.run(number: &nextNumber, &port, judge)
    registration.record.hdr.time_ns = port.now(.boot)
    pending.append(
      registration.record, registration.members, name: request.name,
      behind: registration.record.container == 0 ? 0 : port.ringBytes)
    return outcome
  }

  /// Removes kept registrations that nothing needs any more, unless a task has their number: the stream
  /// may lack records.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func forget(_ numbers: [UInt32]) throws(SystemError) {
    let living = Set(try port.numbered().map(\.container))
    for number in numbers where !living.contains(number) { port.forgetKept(number) }
  }

  /// What the kernel says of a process that asks.
  /// - Parameter user: the effective user with which it connected. As another one it has no capability.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func callerFacts(
    of pid: UInt32, connectedAs user: UInt32
  ) throws(SystemError) -> ControlCallerFacts {
    let caller = nst_family(tgid: pid, container: user, previous: 0)
    let seen = try port.pass(NST_FAMILY_CALLER, caller).first { $0.task.tid == pid }
    guard let seen else { return ControlCallerFacts() }
    var facts = ControlCallerFacts(startNs: seen.task.start_ns)
    if seen.flags & UInt32(NST_MEMBER_CAPABLE) != 0 { facts.capabilities.insert(.control) }
    if seen.flags & UInt32(NST_MEMBER_WRITER) != 0 { facts.capabilities.insert(.write) }
    return facts
  }

  /// Adds a CONFINED record for each task whose confinement differs, behind what has been read.
  /// - Parameter isNews: whether the task is known, with another confinement.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func lookAtConfinements(
    isNews: (nst_task_id, Confinement) -> Bool
  ) throws(SystemError) {
    let everyone = nst_family(tgid: 0, container: 0, previous: 0)
    for member in try port.pass(NST_FAMILY_EVERYONE, everyone) {
      let confinement = Confinement(member)
      guard isNews(member.task, confinement) else { continue }
      var record = nst_confined()
      record.hdr.time_ns = port.now(.boot)
      record.task = member.task
      record.flags = confinement.hasNoNewPrivs ? UInt16(NST_SUBJECT_NO_NEW_PRIVS) : 0
      record.seccomp = confinement.seccomp
      pending.append(record)
    }
  }
}
