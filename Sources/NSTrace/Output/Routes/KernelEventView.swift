// SPDX-License-Identifier: Apache-2.0

/// An event of the kernel's audit as a container sees it (docs/routes.md).
///
/// The texts name numbers and paths of the host. Therefore only fields that are listed here are shown.
struct KernelEventView {
  let viewer: ContainerID
  let nesting: ContainerNesting
  /// Whether hidden fields are left out. Otherwise they are `?`.
  let omitsHidden: Bool

  /// What the container may see of an event; nil: nothing, because no process of its own did it.
  func seen(_ event: borrowing KernelEvent) -> KernelEvent? {
    let mentions = event.mentions.compactMap(seen)
    if mentions.isEmpty { return nil }
    let isOwn = mentions.contains { $0.session == nil }
    var seen = KernelEvent()
    (seen.timeNs, seen.serial, seen.isKnown) = (event.timeNs, event.serial, true)
    seen.mentions = mentions
    (seen.omitsMentions, seen.isContinued) = (event.omitsMentions, event.isContinued)
    for record in event.records
    where KernelEventFields.areKnown(record.type) && (isOwn || Self.showsOthers(record.type)) {
      append(record, of: event, isOwn ? .own : .others, to: &seen)
    }
    return seen
  }

  private func seen(_ mention: ContainerMention) -> ContainerMention? {
    var seen = mention
    seen.containers = nesting.seen(mention.containers, by: viewer)
    return seen.containers.isUnset ? nil : seen
  }

  private func append(
    _ record: KernelEvent.Record, of event: borrowing KernelEvent, _ fields: KernelEventFields,
    to seen: inout KernelEvent
  ) {
    let start = seen.text.count
    var rest = KernelFields(record.range, of: KernelRecordType(record.type))
    while let token = rest.nextToken(in: event.text.span) {
      let isShown = fields.shows(token, of: record.type, in: event.text.span)
      if !isShown && (omitsHidden || token.form == .word) { continue }
      if seen.text.count > start { seen.text.append(UInt8(ascii: " ")) }
      // The end of a text that was cut has no closing quote.
      let end = isShown ? min(token.end, record.range.upperBound) : token.name.upperBound
      seen.text += event.text[token.name.lowerBound..<end]
      if !isShown { seen.text += "=?".utf8 }
    }
    seen.records.append(KernelEvent.Record(type: record.type, range: start..<seen.text.count))
  }

  /// Whether a record says what was done, and not only to what.
  private static func showsOthers(_ type: UInt16) -> Bool {
    type == KernelEvent.systemCall || KernelEvent.standsAlone(type)
      || KernelEventFields.anomalies.contains(type)
  }
}
