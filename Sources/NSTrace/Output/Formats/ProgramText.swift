// SPDX-License-Identifier: Apache-2.0

/// The path of a program with its marks, for the formats.
struct ProgramText {
  let path: [UInt8]
  let marks: ProgramMarks

  /// Whether the program is not known.
  var isEmpty: Bool { path.isEmpty }

  /// As the kernel prints it. A file's own name can also end like the suffix of a deleted file.
  var kernelSpelling: [UInt8] {
    marks.contains(.deleted) ? visiblePath + Self.deletedSuffix : visiblePath
  }

  /// The path; one without its front begins with `...`, as no whole path does.
  var visiblePath: [UInt8] {
    marks.contains(.cut) ? BoundedText(path, cut: .front).visible : path
  }

  static let deletedSuffix = Array(" (deleted)".utf8)
}

extension AuditEvent {
  var program: ProgramText { ProgramText(path: exe, marks: exeMarks) }
}

extension SessionRecord {
  var program: ProgramText { ProgramText(path: exe, marks: exeMarks) }
}

extension TreeTask {
  var program: ProgramText { ProgramText(path: exe, marks: exeMarks) }
}

extension AuditLineFormat {
  /// Appends the value of `exe=`; `?` if the program is not known. The kernel's `(null)` would be
  /// shown as the program's name by its readers.
  static func append(_ program: ProgramText, to text: inout TextBuffer) {
    if program.isEmpty {
      text.append("?")
    } else {
      append(untrusted: program.kernelSpelling, to: &text)
    }
  }
}

extension JSONLinesFormat {
  /// Appends `exe`, and each mark as a key of its own; nothing if the program is not known.
  static func append(_ program: ProgramText, to text: inout TextBuffer) {
    guard !program.isEmpty else { return }
    string("exe", program.visiblePath, &text)
    if program.marks.contains(.deleted) { boolean("exe_deleted", true, &text) }
    if program.marks.contains(.cut) { boolean("exe_cut", true, &text) }
  }
}

extension TerminalText {
  /// Only the mark ` (deleted)` contains a blank: one in a name is `\x20`.
  func append(_ program: ProgramText, to text: inout TextBuffer) {
    append(program.visiblePath, to: &text)
    if program.marks.contains(.deleted) { text.append(raw: ProgramText.deletedSuffix) }
  }
}

extension TableRow {
  /// The same, elided to leave `reserved` columns free behind it.
  mutating func append(
    _ program: ProgramText, reserving reserved: Int, _ text: inout TextBuffer
  ) {
    let isDeleted = program.marks.contains(.deleted)
    let suffix = isDeleted ? ProgramText.deletedSuffix.count : 0
    append(name: program.visiblePath, reserving: reserved + suffix, &text)
    if isDeleted { text.append(raw: ProgramText.deletedSuffix) }
  }
}
