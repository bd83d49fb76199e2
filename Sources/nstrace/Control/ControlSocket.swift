// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// A listening Unix stream socket of mode 0600, which is removed with this value or by an attendant.
struct ControlSocket: ~Copyable {
  static let defaultPath = "/run/nstrace/control.sock"

  let descriptor: Int32
  private let path: String
  private let inode: ino_t
  private var isAttended = false

  /// Another tracer listens on the socket.
  struct Busy: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "another tracer listens on \(path): give this one a --control of its own"
    }
  }

  /// Listens on `path`. Replaces a socket on which nothing listens any more.
  /// - Throws: `Busy`, `SystemError`.
  init(at path: String) throws {
    Self.makeDirectory(of: path)
    let address = try UnixAddress(path)
    let descriptor = try address.socket()
    do {
      if try !address.bind(descriptor) {
        guard try Self.isStale(address) else { throw Busy(path: path) }
        unlink(path)
        guard try address.bind(descriptor) else {
          throw SystemError("listen on \(path)", errno: EADDRINUSE)
        }
      }
      // As many as net.core.somaxconn permits: clients wait in this queue while all places are taken.
      guard listen(descriptor, Int32.max) == 0 else {
        throw SystemError("listen on \(path)", errno: errno)
      }
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
    self.path = path
    inode = Self.inode(of: path) ?? 0
  }

  deinit {
    close(descriptor)
    // Another tracer may have replaced the socket.
    if !isAttended, Self.inode(of: path) == inode { unlink(path) }
  }

  /// Leaves the removal of the socket to an attendant.
  mutating func attend() { isAttended = true }

  /// The descriptor of the next client, non-blocking; nil if none waits.
  func accept() -> Int32? {
    let client = nst_accept(descriptor)
    return client >= 0 ? client : nil
  }

  /// Not of the user of --user: a process of that user could replace the socket.
  private static func makeDirectory(of path: String) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    // If this fails, bind(2) reports why.
    mkdir(String(path[..<slash]), 0o755)
  }

  /// Whether `address` is a socket on which nothing listens. Nothing else is ever removed.
  private static func isStale(_ address: UnixAddress) throws(SystemError) -> Bool {
    var status = stat()
    guard lstat(address.path, &status) == 0 else { return errno == ENOENT }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemError("listen on \(address.path)", errno: EEXIST)
    }
    let probe = try address.socket()
    defer { close(probe) }
    return !address.connect(probe) && errno == ECONNREFUSED
  }

  private static func inode(of path: String) -> ino_t? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
    return status.st_ino
  }
}
