// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Texts that a user chose by patterns of glob(7): one of those given, and none of those behind `!`.
package struct TextChoice: Sendable, Equatable {
  private var chosen: [[CChar]] = []
  private var excluded: [[CChar]] = []

  package init() {}

  package var isEmpty: Bool { chosen.isEmpty && excluded.isEmpty }

  /// Adds a pattern, or with `!` before it one that must not match.
  package mutating func insert(_ pattern: String) {
    if pattern.hasPrefix("!") {
      excluded.append(Array(String(pattern.dropFirst()).utf8CString))
    } else {
      chosen.append(Array(pattern.utf8CString))
    }
  }

  /// Whether the text is chosen. Nothing is decoded: a byte that is no text matches itself alone. Nothing
  /// is allocated, unless the text is longer than a path.
  func selects(_ text: some Collection<UInt8>) -> Bool {
    if isEmpty { return true }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { room in
      var end = 0
      for byte in text {
        unsafe room[end] = CChar(bitPattern: byte)
        end += 1
      }
      unsafe room[end] = 0
      guard let start = room.baseAddress else { return false }
      return unsafe (chosen.isEmpty || Self.matches(start, any: chosen))
        && !Self.matches(start, any: excluded)
    }
  }

  private static func matches(_ text: UnsafePointer<CChar>, any patterns: [[CChar]]) -> Bool {
    for pattern in patterns where unsafe fnmatch(pattern, text, 0) == 0 { return true }
    return false
  }
}
