// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// The output of nsactor: the tid of each of its tasks, and the task's namespaces as /proc showed
/// them.
struct ActorFacts {
  private var values: [String: String] = [:]

  init(_ output: String) {
    for line in output.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      values[String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
  }

  func number(_ key: String) throws -> UInt32 {
    guard let number = values[key].flatMap({ UInt32($0) }) else {
      throw LiveTraceError.noFact(key)
    }
    return number
  }

  /// The facts printed under that name.
  func place(_ who: String) throws -> ActorPlace {
    var slots: [NamespaceSlot: NamespaceID] = [:]
    for slot in NamespaceSlot.allCases {
      slots[slot] = values["\(who).\(Self.linkName(of: slot))"].flatMap { Self.id($0, slot.kind) }
    }
    return ActorPlace(who: who, tid: try number("\(who).tid"), slots: slots)
  }

  /// Parses `INODE/NS_ID`.
  private static func id(_ text: String, _ kind: NamespaceKind) -> NamespaceID? {
    let parts = text.split(separator: "/")
    guard parts.count == 2, let inum = UInt32(parts[0]), let nsid = UInt64(parts[1]) else {
      return nil
    }
    return NamespaceID(kind: kind, inum: inum, nsid: nsid)
  }

  /// The slot's name in /proc/PID/ns.
  static func linkName(of slot: NamespaceSlot) -> String {
    switch slot {
    case .pidChildren: "pid_for_children"
    case .timeChildren: "time_for_children"
    default: "\(slot.kind.name)"
    }
  }
}
