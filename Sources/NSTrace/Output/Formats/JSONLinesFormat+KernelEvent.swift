// SPDX-License-Identifier: Apache-2.0

/// Events of the kernel's audit: `"source":"kernel"`. The fields of each record stand in an object of
/// their own, because user space can write fields of any name.
extension JSONLinesFormat {
  package mutating func write(_ event: borrowing KernelEvent, to text: inout TextBuffer) {
    if event.records.isEmpty { return }
    var stamp: Range<Int>?
    var list = KernelFieldList()
    let mentionIndex = event.mentionIndex
    for index in event.records.indices {
      if index == mentionIndex { Self.writeMentions(of: event, &stamp, to: &text) }
      Self.begin(event, index, &stamp, &text)
      Self.appendContainers(of: event, to: &text)
      Self.append(event.records[index], event, &list, to: &text)
      text.endRecord("}\n")
    }
    if mentionIndex == event.records.count { Self.writeMentions(of: event, &stamp, to: &text) }
  }

  /// - Parameter record: its index; nil: a CONTAINER_ID record.
  private static func begin(
    _ event: borrowing KernelEvent, _ record: Int?, _ stamp: inout Range<Int>?,
    _ text: inout TextBuffer
  ) {
    text.append("{\"type\":\"")
    if let record {
      KernelRecordType(event.records[record].type).append(to: &text)
    } else {
      text.append(RecordType.containerID.name)
    }
    text.append("\"")
    let (timeNs, serial) = (event.timeNs, event.serial)
    text.append(once: &stamp) {
      time("time", timeNs, &$0)
      number("serial", serial, &$0)
      name("source", "kernel", &$0)
    }
  }

  private static func writeMentions(
    of event: borrowing KernelEvent, _ stamp: inout Range<Int>?, to text: inout TextBuffer
  ) {
    if event.omitsMentions || event.isContinued { return }
    for index in event.mentions.indices {
      begin(event, nil, &stamp, &text)
      number("record", UInt64(index + 1), &text)
      append(event.mentions[index], to: &text)
      text.endRecord("}\n")
    }
  }

  /// The first list of those that the process belongs to, and the session that it is in. Nothing if the
  /// process is not known.
  private static func appendContainers(
    of event: borrowing KernelEvent, to text: inout TextBuffer
  ) {
    guard event.isKnown else { return }
    let member = event.mentions.first { $0.session == nil }
    containers("contid", member?.containers ?? ContainerList(), &text)
    for mention in event.mentions {
      if let session = mention.session { return number("cses", session, &text) }
    }
  }
}

// MARK: - Fields

extension JSONLinesFormat {
  private static func append(
    _ record: KernelEvent.Record, _ event: borrowing KernelEvent, _ list: inout KernelFieldList,
    to text: inout TextBuffer
  ) {
    let fields = KernelRecordText(type: KernelRecordType(record.type), text: event.text)
    key("fields", &text)
    append(KernelFields(record.range, of: fields.type), fields, &list, to: &text)
    guard list.hasWords || list.hasMessage else { return }
    let words = fields.words(in: record.range)
    if !words.isEmpty { string("text", words, &text) }
  }

  private static func append(
    _ rest: KernelFields, _ record: KernelRecordText, _ list: inout KernelFieldList,
    to text: inout TextBuffer
  ) {
    list.collect(rest, in: record.text.span)
    var separator: StaticString = "{"
    for index in list.fields.indices where !list.isRepeated[index] {
      text.append(separator)
      separator = ","
      JSONText.append(string: record.text[list.fields[index].name], to: &text)
      text.append(":")
      append(valuesFrom: index, record, list, to: &text)
    }
    text.append(list.fields.isEmpty ? "{}" : "}")
  }

  /// A string; an array of what all fields of this name have, if there are several.
  private static func append(
    valuesFrom index: Int, _ record: KernelRecordText, _ list: KernelFieldList,
    to text: inout TextBuffer
  ) {
    guard list.next(after: index) != nil else {
      return append(list.fields[index], record, to: &text)
    }
    var separator: StaticString = "["
    var next: Int? = index
    while let place = next {
      text.append(separator)
      separator = ","
      append(list.fields[place], record, isAlone: false, to: &text)
      next = list.next(after: place)
    }
    text.append("]")
  }

  private static func append(
    _ field: KernelField, _ record: KernelRecordText, isAlone: Bool = true,
    to text: inout TextBuffer
  ) {
    let span = record.text.span
    if field.form == .message {
      var list = KernelFieldList()
      return append(KernelFields(message: field), record, &list, to: &text)
    }
    guard field.isEncoded(in: span, of: record.type) else {
      return JSONText.append(string: record.text[field.value], to: &text)
    }
    let bytes = field.bytes(in: span, of: record.type)
    if field.isNamed("proctitle", in: span) { return string(commandLine(bytes), &text) }
    let isJoined = isAlone && bytes.contains(KernelField.keySeparator)
    guard isJoined, field.isNamed("key", in: span) else { return string(bytes, &text) }
    append(keys: bytes, to: &text)
  }

  private static func append(keys: [UInt8], to text: inout TextBuffer) {
    var separator: StaticString = "["
    for key in keys.split(separator: KernelField.keySeparator, omittingEmptySubsequences: false) {
      text.append(separator)
      separator = ","
      string(key, &text)
    }
    text.append("]")
  }
}
