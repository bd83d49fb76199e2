// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// The ten namespaces of a task, such as `.initial.with([.uts: 101])`.
struct NamespacePlace: Hashable {
  /// The IDs by slot.
  private(set) var ids: [NamespaceID]

  /// The host's own namespaces, with the inode numbers 1 to 8 by kind.
  static let initial = NamespacePlace(
    ids: NamespaceSlot.allCases.map {
      NamespaceID(kind: $0.kind, inum: UInt32($0.kind.rawValue) + 1, nsid: 0)
    })

  private init(ids: [NamespaceID]) { self.ids = ids }

  init(_ set: nst_set) { ids = NamespaceSlot.allCases.map { set[$0] } }

  /// The eight namespaces that a task is in, by kind.
  var memberships: [NamespaceID] { NamespaceSlot.memberships.map { self[$0] } }

  subscript(slot: NamespaceSlot) -> NamespaceID {
    get { ids[slot.rawValue] }
    set { ids[slot.rawValue] = newValue }
  }

  func with(_ inums: [NamespaceSlot: UInt32], nsid: UInt64 = 0) -> Self {
    var place = self
    for (slot, inum) in inums {
      place[slot] = NamespaceID(kind: slot.kind, inum: inum, nsid: nsid)
    }
    return place
  }

  var wire: nst_set {
    var set = nst_set()
    for slot in NamespaceSlot.allCases { set[slot] = self[slot] }
    return set
  }
}
