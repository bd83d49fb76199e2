// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import NSTrace

/// A user that nstrace can become.
struct Account {
  let name: String
  let user: uid_t
  let group: gid_t
  let home: String

  /// - Throws: `ValidationError` if no user has the name.
  static func parse(_ name: String) throws -> Account {
    guard let entry = getpwnam(name)?.pointee else {
      throw ValidationError("'\(name)' is no user of this machine")
    }
    return Account(entry)
  }

  /// The user who called sudo(8), which says so in SUDO_UID; nil: nobody did, or root.
  /// - Throws: `Unknown` if the user has no entry: the program must not run as root instead.
  static func invoking() throws(Unknown) -> Account? {
    guard geteuid() == 0, let text = getenv("SUDO_UID").map({ String(cString: $0) }) else {
      return nil
    }
    guard let user = uid_t(text), let entry = getpwuid(user)?.pointee else {
      throw Unknown(number: text)
    }
    return user == 0 ? nil : Account(entry)
  }

  /// Who called sudo(8) is no user of this machine.
  struct Unknown: Error, CustomStringConvertible {
    let number: String
    var description: String {
      "user \(number), who called sudo, is no user of this machine: give --user NAME"
    }
  }

  private init(_ entry: passwd) {
    name = String(cString: entry.pw_name)
    (user, group) = (entry.pw_uid, entry.pw_gid)
    home = String(cString: entry.pw_dir)
  }

  /// Becomes the user for good, without any capability.
  /// - Throws: `SystemError` if the kernel refuses.
  func become() throws(SystemError) {
    var result = nst_become(name, user, group)
    if result == 0 { result = nst_keep_capabilities(0) }
    guard result == 0 else { throw SystemError("become the user \(name)", errno: -result) }
  }
}
