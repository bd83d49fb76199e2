// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The directory of the copies. It is opened once, and a file is only ever opened by its name in it: a
/// directory inside a container is under the control of that container's root.
package struct RouteDirectory: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Opens and locks a directory.
  /// - Throws: `SystemError`, also if it is a symbolic link, another user's, or others may write to
  ///   it.
  package init(_ path: String) throws(SystemError) {
    let directory = try FileDescriptor.directory(path)
    try Self.check(directory)
    file = directory
  }

  private static func check(_ file: borrowing FileDescriptor) throws(SystemError) {
    let path = file.name
    var status = stat()
    guard unsafe fstat(file.raw, &status) == 0 else { throw .last("look at \(path)") }
    guard status.st_uid == geteuid() else {
      throw SystemError(
        "route to \(path), which is another user's: give one of your own", errno: EPERM)
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw SystemError(
        "route to \(path), to which others may write: take that away (chmod go-w)", errno: EPERM)
    }
    guard file.lock() || Glibc.errno != EWOULDBLOCK else {
      throw SystemError("route to \(path), to which another process routes", errno: EBUSY)
    }
  }

  /// The directory's descriptor.
  package var descriptor: Int32 { file.raw }

  /// Its path, as it was given.
  package var path: String { file.name }

  /// Opens a file for appending; a new one has mode 0600.
  /// - Throws: `SystemError`, also if it is a symbolic link, no regular file, another user's, has a
  ///   second
  ///   name, or others may write to it.
  package func open(_ name: String) throws(SystemError) -> FileDescriptor {
    try .appending(name, in: file)
  }
}
