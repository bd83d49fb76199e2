// SPDX-License-Identifier: Apache-2.0

/// Why a dump cannot be read, or cannot be read further.
public enum DumpError: Error, Equatable, Sendable {
  /// The file has no dump's header.
  case notADump(name: String)
  /// A newer nstrace wrote the dump, in a version that this one does not read.
  case newerVersion(name: String, major: UInt16)
  /// A machine of the other byte order wrote the dump.
  case otherByteOrder(name: String)
  /// The file ends early. Everything before `offset` is whole and has been read.
  case truncated(name: String, offset: Int)
  /// The file is damaged. Everything before `offset` is whole and has been read.
  case damaged(name: String, offset: Int, what: String)
  /// The system call that opens or reads the file failed.
  case unreadable(SystemError)
}

extension DumpError {
  /// Whether there are records before the damage, which have been read.
  public var isBehindRecords: Bool {
    switch self {
    case .truncated, .damaged: true
    case .notADump, .newerVersion, .otherByteOrder, .unreadable: false
    }
  }
}

extension DumpError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notADump(let name):
      "\(name) is not a dump: give a file that nstrace --record wrote"
    case .newerVersion(let name, let major):
      "\(name) is a dump of version \(major), this nstrace reads up to \(DumpFormat.major): "
        + "replay it with a newer nstrace"
    case .otherByteOrder(let name):
      "\(name) was recorded on a machine of the other byte order: replay it on one like that"
    case .truncated(let name, let offset):
      "\(name) ends in the middle, at byte \(offset): the recording was cut off; "
        + "everything before that was read"
    case .damaged(let name, let offset, let what):
      "\(name) is damaged at byte \(offset) (\(what)): everything before that was read"
    case .unreadable(let error):
      error.description
    }
  }
}
