// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace

/// Reads and writes whole files.
enum Files {
  static func read(_ path: String) throws -> [UInt8] {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw SystemError("open \(path)", errno: errno) }
    defer { close(fd) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(fd, &piece, piece.count)
      if count == 0 { return bytes }
      guard count > 0 else { throw SystemError("read \(path)", errno: errno) }
      bytes += piece[..<count]
    }
  }

  static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws {
    let fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard fd >= 0 else { throw SystemError("open \(path)", errno: errno) }
    defer { close(fd) }
    guard Glibc.write(fd, bytes, bytes.count) == bytes.count else {
      throw SystemError("write \(path)", errno: errno)
    }
  }

  static func text(_ path: String) throws -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// The last 64 KiB of a file.
  static func end(of path: String) throws -> String {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw SystemError("open \(path)", errno: errno) }
    defer { close(fd) }
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let size = lseek(fd, 0, SEEK_END)
    let count = pread(fd, &piece, piece.count, max(0, size - piece.count))
    guard count >= 0 else { throw SystemError("read \(path)", errno: errno) }
    return String(decoding: piece[..<count], as: UTF8.self)
  }

  /// The target of a symbolic link; nil if it cannot be read.
  static func link(_ path: String) -> String? {
    var target = [UInt8](repeating: 0, count: 256)
    let count = target.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count < 0 ? nil : String(decoding: target[..<count], as: UTF8.self)
  }

  static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  static func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  static func inode(_ path: String) -> UInt32? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(truncatingIfNeeded: status.st_ino) : nil
  }

  /// The resident memory of a process: KiB.
  static func residentKiB(of pid: pid_t) throws -> Int {
    let line = try text("/proc/\(pid)/status").split(separator: "\n").first {
      $0.hasPrefix("VmRSS:")
    }
    guard let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first,
      let kibibytes = Int(number)
    else { throw SystemError("read the memory of \(pid)", errno: ESRCH) }
    return kibibytes
  }
}
