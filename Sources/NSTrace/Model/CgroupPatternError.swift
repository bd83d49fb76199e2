// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the text of a `CgroupPattern`.
public enum CgroupPatternError: Error, Equatable, Sendable {
  case notFromRoot(String)
  case emptyComponent(String)
  case placeholder(String)
  case placeholderNotLast(String)
  case starBesidePlaceholder(String)
  case unitsNotFirst(String)
  case tooLong(String)
}

extension CgroupPatternError: CustomStringConvertible {
  /// What is wrong, and what to write.
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
