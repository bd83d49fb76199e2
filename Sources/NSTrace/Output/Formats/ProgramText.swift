// SPDX-License-Identifier: Apache-2.0

/// The path of a program, with its marks spelled out, for the formats.
struct ProgramText {
  let path: [UInt8]
  let marks: ProgramMarks

  /// Nothing is known of the program.
  var isEmpty: Bool { path.isEmpty }

  /// As the kernel prints it. The suffix of a deleted file can also be the end of a file's own name.
  var kernelSpelling: [UInt8] {
    marks.contains(.deleted) ? visiblePath + Self.deletedSuffix : visiblePath
  }

  /// A path that lacks its front begins with `...`, as no whole path does.
  var visiblePath: [UInt8] {
    marks.contains(.cut) ? BoundedText(path, cut: .front).visible : path
  }

  static let deletedSuffix = Array(" (deleted)".utf8)
}

extension AuditEvent {
  var program: ProgramText { ProgramText(path: exe, marks: exeMarks) }
}

extension TreeTask {
  var program: ProgramText { ProgramText(path: exe, marks: exeMarks) }
}

extension AuditLineFormat {
  /// The value of `exe=`; a question mark where the program is not known, which the kernel spells
  /// `(null)`: its readers would print that as the program's name.
  static func append(_ program: ProgramText, to text: inout TextBuffer) {
    if program.isEmpty {
      text.append("?")
    } else {
      append(untrusted: program.kernelSpelling, to: &text)
    }
  }
}

extension JSONLinesFormat {
  /// `exe`, and each mark as a key of its own; nothing where the program is not known.
  static func append(_ program: ProgramText, to text: inout TextBuffer) {
    guard !program.isEmpty else { return }
    string("exe", program.visiblePath, &text)
    if program.marks.contains(.deleted) { boolean("exe_deleted", true, &text) }
    if program.marks.contains(.cut) { boolean("exe_cut", true, &text) }
  }
}

extension TerminalText {
  /// The blank in ` (deleted)` is the mark's alone: one in a name is `\x20`.
  func append(_ program: ProgramText, to text: inout TextBuffer) {
    append(program.visiblePath, to: &text)
    if program.marks.contains(.deleted) { text.append(raw: ProgramText.deletedSuffix) }
  }
}

extension TableRow {
  /// The same, elided to leave room for `reserved` columns behind it.
  mutating func append(
    _ program: ProgramText, reserving reserved: Int, _ text: inout TextBuffer
  ) {
    let isDeleted = program.marks.contains(.deleted)
    let suffix = isDeleted ? ProgramText.deletedSuffix.count : 0
    append(name: program.visiblePath, reserving: reserved + suffix, &text)
    if isDeleted { text.append(raw: ProgramText.deletedSuffix) }
  }
}
