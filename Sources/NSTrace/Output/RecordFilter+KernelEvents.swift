// SPDX-License-Identifier: Apache-2.0

/// Events of the kernel's audit are selected as a whole; only records of excluded types are left out.
extension RecordFilter {
  /// Whether the event is selected. Nothing is copied or formatted for the answer.
  package func selects(_ event: borrowing KernelEvent) -> Bool {
    // Operations, namespaces and classes are those of nstrace's own records.
    if needsNamespace || classes.needsOne || !window.has(event.timeNs) { return false }
    if !actor.selects(event) || !pids.selects(event.pid) { return false }
    if !wantsContainers(of: event) || !wantsEntered(by: event) { return false }
    if !types.isEmpty, !types.isIn(event) { return false }
    if !(includesRefused && includesGranted), !wants(granted: !Self.isRefused(event)) {
      return false
    }
    return wantsKeys(of: event) && wantsRecord(of: event)
  }

  /// Removes the records of excluded types.
  package func reduce(_ event: inout KernelEvent) {
    event.records.removeAll { excludedTypes.contains(number: $0.type) }
  }

  /// Whether `reduce` removes any.
  package func reduces(_ event: borrowing KernelEvent) -> Bool {
    if excludedTypes.isEmpty { return false }
    for record in event.records where excludedTypes.contains(number: record.type) {
      return true
    }
    return false
  }

  private func wantsRecord(of event: borrowing KernelEvent) -> Bool {
    if excludedTypes.isEmpty { return true }
    for record in event.records where !excludedTypes.contains(number: record.type) {
      return true
    }
    return false
  }

  private func wantsContainers(of event: borrowing KernelEvent) -> Bool {
    if containers.isEmpty && excludedContainers.isEmpty { return true }
    var isNamed = containers.isEmpty
    for mention in event.mentions {
      if excludedContainers.names(mention.containers) { return false }
      isNamed = isNamed || containers.names(mention.containers)
    }
    return isNamed
  }

  private func wantsEntered(by event: borrowing KernelEvent) -> Bool {
    if entered.isEmpty && excludedEntered.isEmpty { return true }
    var isNamed = entered.isEmpty
    for mention in event.mentions where mention.session != nil {
      if excludedEntered.names(mention.containers) { return false }
      isNamed = isNamed || entered.names(mention.containers)
    }
    return isNamed
  }

  private func wantsKeys(of event: borrowing KernelEvent) -> Bool {
    if keys.isEmpty && excludedKeys.isEmpty { return true }
    var isNamed = keys.isEmpty
    for record in event.records where !KernelRecordType(record.type).isRaw {
      let value = Self.value(of: "key", in: record, of: event)
      guard let value, let key = AuditKey(value, in: event.text.span) else { continue }
      if key.isAny(of: excludedKeys, in: event.text.span) { return false }
      isNamed = isNamed || key.isAny(of: keys, in: event.text.span)
    }
    return isNamed
  }

  /// Whether the system call failed.
  private static func isRefused(_ event: borrowing KernelEvent) -> Bool {
    for record in event.records where record.type == KernelRecordType.syscall.number {
      guard let value = value(of: "success", in: record, of: event) else { continue }
      let text = event.text.span.extracting(value.value)
      return text.count == 2 && text[0] == UInt8(ascii: "n") && text[1] == UInt8(ascii: "o")
    }
    return false
  }

  /// The first field of this name that the kernel wrote.
  private static func value(
    of name: StaticString, in record: KernelEvent.Record, of event: borrowing KernelEvent
  ) -> KernelField? {
    let text = event.text.span
    var fields = KernelFields(record.range, of: KernelRecordType(record.type))
    while let field = fields.next(in: text), field.form != .message {
      if field.isNamed(name, in: text) { return field }
    }
    return nil
  }
}
