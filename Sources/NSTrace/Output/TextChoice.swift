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

  /// Whether the text is chosen. Nothing is decoded: a byte that is no text matches itself alone.
  func selects(_ text: some Collection<UInt8>) -> Bool {
    if isEmpty { return true }
    let bytes = text.map { CChar(bitPattern: $0) } + [0]
    return (chosen.isEmpty || chosen.contains { Self.matches(bytes, $0) })
      && !excluded.contains { Self.matches(bytes, $0) }
  }

  private static func matches(_ text: [CChar], _ pattern: [CChar]) -> Bool {
    unsafe fnmatch(pattern, text, 0) == 0
  }
}
