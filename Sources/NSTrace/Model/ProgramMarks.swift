// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// What the path of a program does not say itself.
public struct ProgramMarks: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// No directory has the file any more, or none ever had it (a memfd). The path is the one that it had.
  public static let deleted = ProgramMarks(rawValue: 1)
  /// The path is only the end of the whole one.
  public static let cut = ProgramMarks(rawValue: 2)
}

extension ProgramMarks {
  /// - Parameter flags: NST_EXE_* of a TASK or EXEC record.
  fileprivate init(exeFlags flags: UInt16) {
    self = []
    if flags & UInt16(NST_EXE_DELETED) != 0 { insert(.deleted) }
    if flags & UInt16(NST_EXE_CUT) != 0 { insert(.cut) }
  }

  /// - Parameter flags: NST_SUBJECT_* of any record that has a subject. It says only whether the file is
  ///   deleted by now.
  init(subjectFlags flags: UInt16) {
    self = flags & UInt16(NST_SUBJECT_EXE_DELETED) != 0 ? .deleted : []
  }
}

extension nst_task {
  /// Those of the path that follows it.
  var marks: ProgramMarks { ProgramMarks(exeFlags: exe_flags) }
}

extension nst_exec {
  /// Those of the path that follows it.
  var marks: ProgramMarks { ProgramMarks(exeFlags: exe_flags) }
}
