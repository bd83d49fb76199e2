// SPDX-License-Identifier: Apache-2.0

internal import CZlib
internal import Glibc
internal import NSTrace

/// A log that auditd wrote: a file, also one that gzip has compressed, or standard input.
final class LogInput {
  let name: String
  /// The stamp of its first record, in milliseconds; nil: it is empty.
  private(set) var firstMs: Int64?
  /// The device and the inode number of the file; nil: it is no regular file.
  let identity: Identity?
  private let file: gzFile
  /// What has been read to find the first record, from `taken` on.
  private var head: [UInt8] = []
  private var taken = 0

  struct Identity: Hashable {
    let device: dev_t
    let inode: ino_t
  }

  /// What stands in place of an audit log.
  enum Failure: Error, CustomStringConvertible {
    case noRecord(name: String)
    case damaged(name: String, reason: String)

    var description: String {
      switch self {
      case .noRecord(let name):
        "\(name) does not begin with audit records: give a log that auditd wrote, as it is or compressed by gzip"
      case .damaged(let name, let reason):
        "\(name) is damaged (\(reason)): everything before that was annotated"
      }
    }
  }

  /// How much is read to find the first record.
  private static let headBytes = 256 << 10

  /// Opens a log, and reads its beginning.
  /// - Parameter path: `-` is standard input.
  /// - Throws: `SystemError`, `Failure`.
  init(path: String) throws {
    name = path == "-" ? "standard input" : path
    let descriptor = path == "-" ? dup(0) : Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open \(name)", errno: errno) }
    identity = Self.identity(of: descriptor)
    guard let file = gzdopen(descriptor, "rb") else {
      close(descriptor)
      throw SystemError("read \(name)", errno: ENOMEM)
    }
    self.file = file
    gzbuffer(file, 128 << 10)
    try readHead()
  }

  deinit { gzclose(file) }

  private static func identity(of descriptor: Int32) -> Identity? {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Identity(device: status.st_dev, inode: status.st_ino)
  }

  private func readHead() throws {
    var head = [UInt8](repeating: 0, count: Self.headBytes)
    let count = try head.withUnsafeMutableBytes { try readFile(into: $0) }
    self.head = Array(head[..<count])
    let lines = self.head.split(separator: 0x0a)
    firstMs = lines.lazy.compactMap { AuditLogLine(Array($0).span) }.first?.stamp.timeMs
    if count > 0, firstMs == nil { throw Failure.noRecord(name: name) }
  }

  /// Puts the next bytes into the buffer.
  /// - Returns: how many; 0 at the end.
  /// - Throws: `SystemError`, `Failure.damaged`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard taken < head.count else {
      head = []
      taken = 0
      return try readFile(into: buffer)
    }
    let count = min(buffer.count, head.count - taken)
    buffer.copyBytes(from: head[taken..<taken + count])
    taken += count
    return count
  }

  private func readFile(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = gzread(file, buffer.baseAddress, UInt32(buffer.count))
    if count > 0 { return Int(count) }
    var code: Int32 = Z_OK
    let reason = gzerror(file, &code).map { String(cString: $0) } ?? ""
    if code == Z_ERRNO { throw SystemError("read \(name)", errno: errno) }
    guard code == Z_OK || code == Z_STREAM_END else {
      throw Failure.damaged(name: name, reason: reason)
    }
    return 0
  }
}

extension LogInput {
  /// Opens logs, and puts them into the order of their first records.
  /// - Throws: `SystemError`, `Failure`; `Twice`.
  static func open(_ paths: [String]) throws -> [LogInput] {
    var seen: [Identity: String] = [:]
    var inputs: [LogInput] = []
    for path in paths {
      let input = try LogInput(path: path)
      if let identity = input.identity {
        if let other = seen[identity] { throw Twice(names: (other, input.name)) }
        seen[identity] = input.name
      }
      inputs.append(input)
    }
    return inputs.enumerated().sorted { a, b in
      (a.element.firstMs ?? .min, a.offset) < (b.element.firstMs ?? .min, b.offset)
    }.map(\.element)
  }

  /// A log is given twice.
  struct Twice: Error, CustomStringConvertible {
    let names: (String, String)
    var description: String {
      "\(names.0) and \(names.1) are the same file: give each log once (or again, if it was rotated just now)"
    }
  }
}
