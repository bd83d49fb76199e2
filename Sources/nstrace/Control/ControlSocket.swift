// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The listening end: a Unix stream socket that only its owner may connect to, and that goes away
/// with its owner.
struct ControlSocket: ~Copyable {
  static let defaultPath = "/run/nstrace/control.sock"

  let descriptor: Int32
  private let path: String
  private let inode: ino_t

  /// Another tracer listens there.
  struct Busy: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "another tracer listens on \(path): give this one a --control of its own"
    }
  }

  /// Takes the path over when nobody listens there any more.
  /// - Parameter user: who is to remove the socket; nil: who makes it.
  /// - Throws: `Busy`, `SystemError`.
  init(at path: String, for user: Account?) throws {
    Self.makeDirectory(of: path, for: user)
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
      guard listen(descriptor, SOMAXCONN) == 0 else {
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
    // Not one that somebody else has put there since.
    if Self.inode(of: path) == inode { unlink(path) }
  }

  /// A client, not blocking; nil when there is none.
  func accept() -> Int32? {
    let client = Glibc.accept(descriptor, nil, nil)
    guard client >= 0 else { return nil }
    UnixAddress.prepare(client)
    return client
  }

  private static func makeDirectory(of path: String, for user: Account?) {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
    let directory = String(path[..<slash])
    // What is wrong with it bind(2) will say. One that was there before keeps its owner.
    guard mkdir(directory, 0o755) == 0, let user else { return }
    lchown(directory, user.user, user.group)
  }

  /// A socket whose owner has gone: nothing else is ever removed.
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
