// SPDX-License-Identifier: Apache-2.0

/// Events of the kernel's audit: one row each. The container takes the columns of a namespace.
extension TableFormat {
  package mutating func write(_ event: borrowing KernelEvent, to text: inout TextBuffer) {
    guard let first = event.records.first else { return }
    var row = begin(event.timeNs, "audit", .dim, &text)
    var name = TextBuffer()
    KernelRecordType(first.type).append(to: &name)
    row.cell(fitting: name.bytes, widths.op, &text)
    appendContainer(of: event, &row, &text)
    row.cell(event.pid, widths.task, &text)
    appendSubject(KernelSubject(of: event), notes(on: event), &row, &text)
    text.endRecord()
  }

  /// `?`: the process is not known.
  private func appendContainer(
    of event: borrowing KernelEvent, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    if style.columns != nil, let mention = event.mentions.first {
      let width = widths.kind + 2 * widths.namespace
      return row.cell(name: Self.brief(mention.containers), width, &text)
    }
    for width in [widths.kind, widths.namespace, widths.namespace] {
      row.cell(event.isKnown ? "-" : "?", width, &text)
    }
  }

  /// ` cses=3`; in a file all containers, too.
  private func notes(on event: borrowing KernelEvent) -> String {
    let mentions = style.columns == nil ? event.mentions[...] : event.mentions.prefix(1)
    return mentions.map { mention in
      (style.columns == nil ? " container \(mention.containers)" : "")
        + (mention.session.map { " cses=\($0)" } ?? "")
    }.joined()
  }

  /// The program; or else the beginning of the text, which can end the line only, because it has
  /// spaces and could look like notes.
  private func appendSubject(
    _ subject: KernelSubject, _ notes: String, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    if let uid = subject.uid {
      row.cell(uid, widths.user, &text)
    } else {
      row.cell("?", widths.user, &text)
    }
    guard subject.isProgram else { return append(subject.words, notes, &row, &text) }
    row.append(name: subject.comm, reserving: notes.utf8.count, &text)
    if row.hasRoom(for: notes.utf8.count + Self.shortestProgram), !subject.exe.isEmpty {
      row.append(" ", &text)
      row.color(.dim, &text)
      row.append(name: subject.exe, reserving: notes.utf8.count, &text)
      row.color(.reset, &text)
    }
    text.append(notes)
  }

  private func append(
    _ words: ArraySlice<UInt8>, _ notes: String, _ row: inout TableRow, _ text: inout TextBuffer
  ) {
    row.append(words: notes.utf8, &text)
    if !notes.isEmpty, row.hasRoom(for: 2) { row.append(" ", &text) }
    row.append(words: words, &text)
  }
}
