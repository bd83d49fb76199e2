// SPDX-License-Identifier: Apache-2.0

/// The long lists of container IDs that one output has printed. While a namespace's list stays the same,
/// later records name the event that has it.
///
/// Else a process that enters a namespace of 200 containers again and again would have 15 KB written
/// for each call.
struct ToldLists {
  private struct Telling {
    var list: ContainerList
    /// Of the event.
    var serial: UInt64
  }

  private var tellings: [NamespaceID: Telling] = [:]

  /// The fewest IDs of a list that is named by its event.
  static let fewest = 9
  /// After so many events a list is printed again, so that a reader finds it near by, mostly in the
  /// same file.
  static let reach: UInt64 = 1000
  /// The most namespaces whose lists are remembered.
  static let most = 256

  /// Whether the event has a list that is long enough to be named by its event.
  static func concerns(_ event: borrowing AuditEvent) -> Bool {
    let namespaces = event.namespaces.span
    for index in namespaces.indices where isLong(namespaces[index].namespaceContainers) {
      return true
    }
    return false
  }

  private static func isLong(_ list: ContainerList) -> Bool { list.elements.count >= fewest }

  /// Replaces the lists that have been printed.
  mutating func abridge(_ event: inout AuditEvent) {
    for index in event.namespaces.indices {
      if let serial = tell(event.namespaces[index], in: event.serial) {
        event.namespaces[index].namespaceContainers = ContainerList()
        event.namespaces[index].listedIn = serial
      }
    }
  }

  /// - Returns: the event that has the list; nil: this one.
  private mutating func tell(_ record: NamespaceRecord, in serial: UInt64) -> UInt64? {
    let list = record.namespaceContainers
    guard Self.isLong(list), let namespace = record.namespace else { return nil }
    if let telling = tellings[namespace], serial - telling.serial < Self.reach,
      telling.list == list
    {
      return telling.serial
    }
    if tellings.count == Self.most { tellings.removeAll() }
    tellings[namespace] = Telling(list: list, serial: serial)
    return nil
  }

  /// Another file begins.
  mutating func removeAll() { tellings.removeAll() }
}
