// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Facts about a program's file that its path does not show.
public struct ProgramMarks: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The file is in no directory any more, or never was (a memfd). The path is its last one.
  public static let deleted = ProgramMarks(rawValue: 1)
  /// The path is only the end of the whole path.
  public static let cut = ProgramMarks(rawValue: 2)
}

extension ProgramMarks {
  /// - Parameter flags: NST_EXE_* of a record with a path.
  init(exeFlags flags: UInt16) {
    self = []
    if flags & UInt16(NST_EXE_DELETED) != 0 { insert(.deleted) }
    if flags & UInt16(NST_EXE_CUT) != 0 { insert(.cut) }
  }

  /// As NST_EXE_*.
  var exeFlags: UInt16 {
    UInt16(contains(.deleted) ? NST_EXE_DELETED : 0) | UInt16(contains(.cut) ? NST_EXE_CUT : 0)
  }

  /// - Parameter flags: NST_SUBJECT_* of any record that has a subject. They state only whether the
  ///   file is deleted by now.
  init(subjectFlags flags: UInt16) {
    self = flags & UInt16(NST_SUBJECT_EXE_DELETED) != 0 ? .deleted : []
  }
}

extension nst_task {
  /// The marks of the record's path.
  var marks: ProgramMarks { ProgramMarks(exeFlags: exe_flags) }
}

extension nst_exec {
  /// The marks of the record's path.
  var marks: ProgramMarks { ProgramMarks(exeFlags: exe_flags) }
}
