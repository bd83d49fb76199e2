// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The registrations of a keeper: those of earlier tracers stand before the first walk, whose tasks
/// have their numbers, and those of another tracer come as it grants them.
extension StreamAssembler where Port: ~Copyable {
  /// How many stand in one batch: 350 KB at most.
  private static var keptAtOnce: Int { 512 }

  /// Appends the next of them, and begins the first walk behind the last.
  mutating func appendKept(_ rest: ArraySlice<KeptRegistration>) throws(SystemError) {
    for registration in rest.prefix(Self.keptAtOnce) {
      var record = stamped(registration)
      record.members = 0
      record.name_bytes = UInt16(registration.name.count)
      encoder.append(record, tail: registration.name)
    }
    let left = rest.dropFirst(Self.keptAtOnce)
    if left.isEmpty { try beginWalk() } else { phase = .keeping(left) }
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
