// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Whether each ended namespace still exists, found by a search through the whole stream.
/// PinnedHold must come to the same without that. It has no limits.
struct NaiveHold {
  let items: [HearingSink.Item]

  /// The events in order, each end with its answer.
  var events: [AuditEvent] {
    items.indices.compactMap { index in
      guard case .event(var event) = items[index] else { return nil }
      for record in event.namespaces.indices where event.namespaces[record].verb == .destroy {
        event.namespaces[record].isPinned = answer(of: record, in: event, at: index)
      }
      return event
    }
  }

  private func answer(of record: Int, in event: AuditEvent, at index: Int) -> Bool? {
    guard let id = event.namespaces[record].namespace, isAnswering(at: index) else { return nil }
    // If one event has two ends with one number, the first has the FREED before it, the last the
    // answer behind it.
    let ends = Self.ends(id.inum, in: event)
    let isEarly = wasFreed(id.inum, before: index, Self.arrivals(in: event))
    if record == ends.first && isEarly { return false }
    return record == ends.last ? answer(after: index, id) : nil
  }

  /// Whether the stream carries answers there, with no record missing.
  private func isAnswering(at index: Int) -> Bool {
    var (comes, isSure) = (false, false)
    for case .notice(let notice) in items[..<index] {
      if case .answers(let come) = notice { comes = come }
      if case .unsure(let isUnsure) = notice { isSure = !isUnsure }
    }
    return comes && isSure
  }

  private static func arrivals(in event: AuditEvent) -> [Arrival] {
    event.namespaces.compactMap { record in
      guard record.granted, let id = record.namespace, record.verb != .destroy,
        record.op != .assign, record.op != .release
      else { return nil }
      return Arrival(id: id, op: record.op)
    }
  }

  /// A task has entered a namespace.
  private struct Arrival {
    var id: NamespaceID
    var op: NSTrace.Operation
  }

  private static func ends(_ inum: UInt32, in event: AuditEvent) -> [Int] {
    event.namespaces.indices.filter {
      event.namespaces[$0].verb == .destroy && event.namespaces[$0].namespace?.inum == inum
    }
  }

  /// Looks back for a FREED of the number, unless a namespace has had the number since.
  private func wasFreed(_ inum: UInt32, before index: Int, _ arrivals: [Arrival]) -> Bool {
    if arrivals.contains(where: { $0.id.inum == inum }) { return false }
    for place in items[..<index].indices.reversed() {
      switch items[place] {
      case .notice(.freed(let freed)) where freed == inum:
        // A FREED for which an end was waiting has answered that end.
        return isAnswering(at: place) && !isWaited(inum, at: place)
      case .notice(.unsure), .notice(.answers): return false
      case .notice: continue
      case .event(let event):
        if !Self.ends(inum, in: event).isEmpty { return false }
        if Self.arrivals(in: event).contains(where: { $0.id.inum == inum }) { return false }
      }
    }
    return false
  }

  /// Whether a namespace with this number has ended before, without an answer so far.
  private func isWaited(_ inum: UInt32, at index: Int) -> Bool {
    for place in items[..<index].indices.reversed() {
      switch items[place] {
      case .notice(.freed(let freed)) where freed == inum: return false
      case .notice(.unsure), .notice(.answers): return false
      case .notice(.answer(let id, _)) where id.inum == inum:
        if isEnd(of: id, before: place) { return false }
      case .notice: continue
      case .event(let event):
        let (ends, arrivals) = (Self.ends(inum, in: event), Self.arrivals(in: event))
        if !ends.isEmpty { return ends.count > 1 || !wasFreed(inum, before: place, arrivals) }
        if arrivals.contains(where: { $0.id.inum == inum }) { return false }
      }
    }
    return false
  }

  /// Whether this namespace was the last with its number to end.
  private func isEnd(of id: NamespaceID, before index: Int) -> Bool {
    for case .event(let event) in items[..<index].reversed() {
      if let last = Self.ends(id.inum, in: event).last {
        return event.namespaces[last].namespace == id
      }
    }
    return false
  }

  /// Looks ahead for the first answer about the namespace.
  private func answer(after index: Int, _ id: NamespaceID) -> Bool? {
    for item in items[(index + 1)...] {
      switch item {
      case .notice(.freed(let inum)) where inum == id.inum: return false
      case .notice(.answer(let other, let isPinned)) where other == id: return isPinned
      case .notice(.unsure), .notice(.answers): return nil
      case .notice: continue
      case .event(let event):
        if let new = Self.arrivals(in: event).first(where: { $0.id.inum == id.inum }) {
          if new.id != id { return false }
          if id.nsid != 0 || new.op == .setns { return true }
          return new.op == .late || new.op == .resync ? nil : false
        }
        if !Self.ends(id.inum, in: event).isEmpty { return nil }
      }
    }
    return nil
  }
}
