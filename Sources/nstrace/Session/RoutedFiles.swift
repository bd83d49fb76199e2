// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The files and sockets of containers' copies. An attendant opens the files, if there is one.
final class RoutedFiles: RouteFiles {
  /// Nil: there are sockets only.
  private let directory: RouteDirectory?
  let rules: RouteRules
  /// Nil before it is started, and in a replay.
  var attendant: Attendant?

  /// - Parameter path: of the directory; nil: there are sockets only.
  /// - Throws: `SystemError` if the directory cannot be used.
  init(_ path: String?, _ rules: RouteRules) throws(SystemError) {
    self.rules = rules
    directory = if let path { try RouteDirectory(path) } else { nil }
  }

  /// What the attendant has to know; nil: there is no directory.
  var names: RouteNames? {
    switch directory {
    case .some(let directory):
      RouteNames(directory: directory.descriptor, path: directory.path, rules: rules)
    case nil: nil
    }
  }

  func open(_ id: ContainerID) throws(SystemError) -> FileDescriptor {
    if let attendant { return try attendant.openRoute(id) }
    switch directory {
    case .some(let directory):
      return try directory.open(rules[id]?.fileName ?? RouteRule.fileName(of: id))
    case nil: throw SystemError("open a copy without a directory", errno: ENOENT)
    }
  }

  /// O_PATH, whose name Swift's Glibc lacks.
  private static let asPlace: Int32 = 0x20_0000

  func connect(_ path: String) throws(SystemError) -> FileDescriptor {
    // Only the link to it is followed: whoever has its directory cannot name another socket.
    let place = Glibc.open(path, Self.asPlace | O_NOFOLLOW | O_CLOEXEC)
    guard place >= 0 else { throw .last("find the socket \(path)") }
    defer { close(place) }
    let address = try UnixAddress("/proc/self/fd/\(place)")
    let descriptor = try address.socket()
    guard address.connect(descriptor) else {
      let error = SystemError.last("connect to \(path): start its reader first")
      close(descriptor)
      throw error
    }
    return FileDescriptor(received: descriptor, name: path)
  }
}
