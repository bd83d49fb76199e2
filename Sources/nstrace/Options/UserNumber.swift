// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// A user that a filter names: `1000`, `root`, `unset`; with `!` before it those that are another.
struct UserNumber {
  let number: UInt32
  let isExcluded: Bool

  /// - Throws: `ValidationError` if no user has the name.
  init(_ text: String) throws {
    isExcluded = text.hasPrefix("!")
    let name = isExcluded ? String(text.dropFirst()) : text
    if let number = UInt32(name) {
      self.number = number
    } else if name == "unset" {
      number = .max
    } else if let entry = getpwnam(name)?.pointee {
      number = entry.pw_uid
    } else {
      throw ValidationError("'\(name)' is no user of this machine: give a name, a number, or unset")
    }
  }
}
