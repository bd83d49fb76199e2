// SPDX-License-Identifier: Apache-2.0

/// Containers that a user named: by ID, by name, or by the beginning of a name or of a UUID.
///
/// Names become IDs as they come, so that a record needs no look at a name.
package struct ContainerChoice: Sendable, Equatable {
  /// The IDs that were given, and those of the runtime's names.
  package private(set) var ids: Set<ContainerID> = []
  private var names: [[UInt8]] = []
  /// In lower case, as IDs are printed.
  private var beginnings: [String] = []
  /// The containers whose names match, as far as they are known.
  private var named: Set<ContainerID> = []
  /// Those of them that ended, the oldest first.
  private var ended: [ContainerID] = []

  /// The shortest beginning that stands for a name or a UUID.
  package static let shortestBeginning = 4
  /// How many containers that ended are still found: their last records come behind their end.
  static let endedLimit = 1024

  package init() {}

  /// Exactly these IDs.
  package init(_ ids: Set<ContainerID>) { self.ids = ids }

  /// Whether nothing was named.
  package var isEmpty: Bool { ids.isEmpty && names.isEmpty }

  /// Adds what a user wrote. A decimal or a UUID is an ID, which a container can also have as its
  /// name; nothing else begins with it.
  /// - Returns: whether it can name a container.
  package mutating func insert(_ text: String) -> Bool {
    if text.isEmpty || text == "-1" { return false }
    let name = Array(text.utf8)
    if let id = ContainerID(text) {
      if id.isUnset { return false }
      ids.insert(id)
    } else if text.utf8.count >= Self.shortestBeginning {
      beginnings.append(text.lowercased())
    }
    ids.insert(ContainerID(runtimeID: name))
    names.append(name)
    return true
  }

  /// Whether one of the containers of the list was named.
  package func names(_ list: ContainerList) -> Bool {
    for element in list.elements where names(element.id) { return true }
    return false
  }

  private func names(_ id: ContainerID) -> Bool {
    if ids.contains(id) || named.contains(id) { return true }
    // Only a UUID can begin with what is no ID.
    guard id.high != 0, !beginnings.isEmpty else { return false }
    let text = "\(id)"
    return beginnings.contains(where: text.hasPrefix)
  }

  /// Learns the name of a container.
  package mutating func note(_ name: [UInt8], of id: ContainerID) {
    guard matches(name) else { return }
    named.insert(id)
    ended.removeAll { $0 == id }
  }

  private func matches(_ name: [UInt8]) -> Bool {
    names.contains { isLong($0) ? name.starts(with: $0) : name == $0 }
  }

  private func isLong(_ name: [UInt8]) -> Bool {
    name.count >= Self.shortestBeginning
      && ContainerID(String(decoding: name, as: UTF8.self)) == nil
  }

  /// Forgets the name of a container some time after its end.
  package mutating func noteEnd(of id: ContainerID) {
    guard named.contains(id), !ended.contains(id) else { return }
    ended.append(id)
    if ended.count > Self.endedLimit { named.remove(ended.removeFirst()) }
  }
}
