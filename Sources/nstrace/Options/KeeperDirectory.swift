// SPDX-License-Identifier: Apache-2.0

/// The directory of a keeper, as somebody has typed it.
enum KeeperDirectory {
  /// Leaves out the slashes behind it: a shell's completion adds one, and the directory is made and removed
  /// by its name in the one above.
  static func parse(_ text: String) -> String {
    let end = text.lastIndex { $0 != "/" }
    return end.map { String(text[...$0]) } ?? String(text.prefix(1))
  }
}
