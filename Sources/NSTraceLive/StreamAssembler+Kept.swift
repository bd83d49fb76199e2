// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The registrations, sessions and stains of a keeper: those of earlier tracers stand before the first
/// walk, whose tasks have their numbers, and another tracer's registrations come as it grants them.
///
/// Who is inside is read behind that walk. By then each task that it has, or that was born meanwhile, has
/// what it is inside from its parent; who is born later inherits it in the tracker.
extension StreamAssembler where Port: ~Copyable {
  /// How many stand in one batch: 800 KB at most.
  private static var keptAtOnce: Int { 512 }

  /// 512 KB.
  private static var insideAtOnce: Int { 1 << 14 }

  /// Appends the next of them, and behind the last the first stains.
  mutating func appendKept(_ rest: ArraySlice<KeptRecord>) throws(SystemError) {
    for record in rest.prefix(Self.keptAtOnce) {
      switch record {
      case .registration(let registration): append(registration)
      case .session(let session): append(session)
      }
    }
    let left = rest.dropFirst(Self.keptAtOnce)
    if left.isEmpty { return try appendStains(try livingStains()[...]) }
    phase = .keeping(left)
  }

  /// The processes that are in sessions of earlier tracers, once.
  mutating func takeInside() throws(SystemError) -> [nst_inside] {
    let sessions = keptSessions
    keptSessions = []
    return sessions.isEmpty ? [] : try port.readInside(sessions)
  }

  /// Appends the next of them, and ends the first walk behind the last.
  mutating func appendInside(_ rest: ArraySlice<nst_inside>, _ tasks: UInt64) {
    // With the time at which they were read.
    for record in rest.prefix(Self.insideAtOnce) { encoder.append(record) }
    let left = rest.dropFirst(Self.insideAtOnce)
    if left.isEmpty { endWalk(tasks) } else { phase = .entering(left, tasks: tasks) }
  }

  /// Appends the next stains, and begins the first walk behind the last.
  mutating func appendStains(_ rest: ArraySlice<KeptStain>) throws(SystemError) {
    for kept in rest.prefix(Self.keptAtOnce) {
      var record = kept.record
      record.hdr.time_ns = port.now(.boot)
      encoder.append(record)
    }
    let left = rest.dropFirst(Self.keptAtOnce)
    if left.isEmpty { try beginWalk() } else { phase = .staining(left) }
  }

  /// The stains of namespaces that still exist, as far as that can be known. The others are forgotten.
  /// Where `canAsk` is false it cannot be: those of an end that was recorded are forgotten by that.
  mutating func livingStains() throws(SystemError) -> [KeptStain] {
    let all = try port.readStains()
    guard canAsk else { return all }
    var living: [KeptStain] = []
    for kept in all {
      if port.ask(kept.stain.namespace) == NST_ANSWER_NO {
        port.forget(kept.stain)
      } else {
        living.append(kept)
      }
    }
    return living
  }

  /// Keeps what became of stains.
  /// - Throws: `SystemError` if there was no room for one; the others are kept.
  mutating func keep(_ changes: [NamespaceStain.Change]) throws(SystemError) {
    var failure: SystemError?
    for change in changes {
      switch change {
      case .came(let stain):
        do throws(SystemError) {
          try port.keep(KeptStain(stain, sinceNs: port.now(.boot)))
        } catch {
          failure = error
        }
      case .went(let stain): port.forget(stain)
      }
    }
    if let failure { throw failure }
  }

  private mutating func append(_ registration: KeptRegistration) {
    var record = stamped(registration)
    record.members = 0
    record.name_bytes = UInt16(registration.name.count)
    encoder.append(record, tail: registration.name)
  }

  private mutating func append(_ session: KeptSession) {
    var record = session.record
    record.hdr.time_ns = port.now(.boot)
    record.exe_bytes = UInt16(session.exe.count)
    encoder.append(record, tail: session.exe)
  }

  private func stamped(_ registration: KeptRegistration) -> nst_kept {
    var record = registration.record
    record.hdr.time_ns = port.now(.boot)
    if port.isLocked { record.flags |= UInt16(NST_REGISTER_LOCKED) }
    return record
  }

  /// Adds what another tracer has registered since, with the tasks that have its number by now, behind
  /// what the ring holds now: births of tasks that have it come first.
  mutating func noticeKept() throws(SystemError) {
    guard kept.isDue(by: port) else { return }
    let news = try kept.news(from: &port)
    if news.isEmpty { return }
    let numbered = try port.numbered()
    for registration in news {
      let members = numbered.filter { $0.container == registration.number }
      let record = stamped(registration)
      pending.append(record, members, name: registration.name, behind: port.ringBytes)
    }
  }
}
