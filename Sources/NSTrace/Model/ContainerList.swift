// SPDX-License-Identifier: Apache-2.0

/// The container IDs of a task, or of a namespace, in the order in which `contid=` prints them.
public struct ContainerList: Hashable, Sendable, CustomStringConvertible {
  /// One ID, and whether it is the parent of the one before it (printed with `^`).
  public struct Element: Hashable, Sendable {
    /// The ID.
    public var id: ContainerID
    /// Whether the container of the element before is nested in this one.
    public var isParent: Bool

    /// One element.
    public init(_ id: ContainerID, isParent: Bool = false) {
      self.id = id
      self.isParent = isParent
    }
  }

  /// The number of IDs that a task may carry, nested or as tags. A registration beyond is refused.
  public static let limit = 32

  /// The IDs, in the order of `contid=`.
  public var elements: [Element]

  /// A list of these elements; without any it is unset.
  public init(_ elements: [Element] = []) { self.elements = elements }

  /// The list that a text spells as `contid=` does; nil: it is none, or names no ID.
  package init?(text: String) {
    var elements: [Element] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let isParent = part.hasPrefix("^")
      guard let id = ContainerID(String(part.dropFirst(isParent ? 1 : 0))), !id.isUnset else {
        return nil
      }
      elements.append(Element(id, isParent: isParent))
    }
    self.elements = elements
  }

  /// No ID at all, printed as -1.
  public var isUnset: Bool { elements.isEmpty }

  /// Whether the ID is in the list.
  public func contains(_ id: ContainerID) -> Bool { elements.contains { $0.id == id } }

  /// As `contid=` prints it.
  public var description: String {
    elements.isEmpty
      ? "-1" : elements.map { ($0.isParent ? "^" : "") + "\($0.id)" }.joined(separator: ",")
  }

  /// Appends `4,^2,^1`, or `-1` for none.
  package func append(to text: inout TextBuffer) {
    if isUnset { return ContainerID.unset.append(to: &text) }
    for (index, element) in elements.enumerated() {
      if index > 0 { text.append(",") }
      if element.isParent { text.append("^") }
      element.id.append(to: &text)
    }
  }
}
