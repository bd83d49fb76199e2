// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the text of a `CgroupPattern`.
public enum CgroupPatternError: Error, Equatable, Sendable {
  /// The pattern does not begin with a slash.
  case notFromRoot(String)
  /// Two slashes are adjacent, or one is at the end.
  case emptyComponent(String)
  /// The pattern has no placeholder for the ID or the name, or more than one.
  case placeholder(String)
  /// The placeholder is not in the last component.
  case placeholderNotLast(String)
  /// A star is next to the placeholder, so that the end of one is ambiguous.
  case starBesidePlaceholder(String)
  /// The placeholder for systemd's units is not the first component.
  case unitsNotFirst(String)
  /// The pattern is longer than a path may be.
  case tooLong(String)
}

extension CgroupPatternError: CustomStringConvertible {
  /// The error, and the correct form.
  public var description: String {
    switch self {
    case .notFromRoot(let text):
      "'\(text)' does not begin at the root of the hierarchy: write '/\(text)'"
    case .emptyComponent(let text):
      "'\(text)' has an empty component: write each slash once, and none at the end"
    case .placeholder(let text):
      "'\(text)' does not say what the container is called: write {id} (64 hexadecimal digits) or "
        + "{name} once in its last component, as in '/web/{name}'"
    case .placeholderNotLast(let text):
      "'\(text)' has a { or } before its last component: end it where the container's own cgroup "
        + "stands, for what is below that is in the container"
    case .starBesidePlaceholder(let text):
      "'\(text)' has a * where a name ends, so that nobody can tell where: leave the * out, or put it "
        + "before an {id}"
    case .unitsNotFirst(let text):
      "'\(text)' has ** in its midst: write /**/ at the beginning alone, and * elsewhere"
    case .tooLong(let text):
      "a pattern of \(text.utf8.count) bytes is longer than the path of any cgroup can be: shorten it"
    }
  }
}
