// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The ten namespaces of a task of the model, by object and not by number.
struct ModelPlace: Hashable {
  private var objects = SIMD16<UInt8>(repeating: 0)

  subscript(slot: NamespaceSlot) -> Int {
    get { Int(objects[slot.rawValue]) }
    set { objects[slot.rawValue] = UInt8(newValue) }
  }

  /// The namespaces, each once.
  var namespaces: Set<Int> { Set(NamespaceSlot.allCases.map { self[$0] }) }

  func holds(_ namespace: Int) -> Bool {
    NamespaceSlot.allCases.contains { self[$0] == namespace }
  }
}
