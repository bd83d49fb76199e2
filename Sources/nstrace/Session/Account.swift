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

  /// - Throws: `ValidationError` if no user has the name, or if it is root.
  static func parse(_ name: String) throws -> Account {
    guard let entry = getpwnam(name)?.pointee else {
      throw ValidationError("'\(name)' is no user of this machine")
    }
    guard entry.pw_uid != 0 else { throw ValidationError("'\(name)' is root: leave --user out") }
    return Account(entry)
  }

  /// The user who called sudo(8), which says so in SUDO_UID; nil: nobody did, or root.
  static var invoking: Account? {
    guard geteuid() == 0, let text = getenv("SUDO_UID"), let user = uid_t(String(cString: text)),
      user != 0, let entry = getpwuid(user)?.pointee
    else { return nil }
    return Account(entry)
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
