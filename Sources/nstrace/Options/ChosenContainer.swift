// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A container that an option names; with `!` before it all others.
struct ChosenContainer {
  let name: String
  let isExcluded: Bool

  /// - Throws: `ValidationError` if the text names no container.
  init(_ text: String) throws {
    isExcluded = text.hasPrefix("!")
    name = try AuditFilterOptions.container(isExcluded ? String(text.dropFirst()) : text)
  }
}
