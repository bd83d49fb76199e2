// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

/// Copies in a directory of a test's own.
final class ScratchRoutes: RouteFiles {
  private let scratch: ScratchDirectory
  private let directory: RouteDirectory
  private let rules: RouteRules
  /// The other ends of the sockets, by path.
  private(set) var readers: [String: Int32] = [:]
  /// Why the next file cannot be opened.
  var refusal: SystemError?
  /// The number of files that were opened.
  private(set) var opened = 0

  init(_ rules: RouteRules = RouteRules()) throws {
    scratch = try ScratchDirectory()
    directory = try RouteDirectory(scratch.path)
    self.rules = rules
  }

  deinit { for reader in readers.values { close(reader) } }

  func open(_ id: ContainerID) throws(SystemError) -> FileDescriptor {
    if let refusal { throw refusal }
    opened += 1
    return try directory.open(rules[id]?.fileName ?? RouteRule.fileName(of: id))
  }

  func connect(_ path: String) throws(SystemError) -> FileDescriptor {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw .last("make a socket") }
    readers[path] = ends[1]
    return FileDescriptor(received: ends[0], name: path)
  }

  var names: [String] { Files.names(in: scratch.path).sorted() }
  func text(_ name: String) throws -> String { try Files.text(scratch.file(name)) }
  func path(_ name: String) -> String { scratch.file(name) }

  /// What a socket's reader finds now.
  func read(_ path: String) -> [UInt8] {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(readers[path] ?? -1, &piece, piece.count, 0)
      if count <= 0 { return all }
      all += piece[..<count]
    }
  }

  /// A socket's reader goes away.
  func hangUp(_ path: String) {
    if let reader = readers.removeValue(forKey: path) { close(reader) }
  }
}
