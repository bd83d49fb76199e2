// SPDX-License-Identifier: Apache-2.0

/// Whether a namespace that no task uses still exists, numbered as on the wire (`enum nst_answer`).
enum PinnedAnswer: UInt32, CaseIterable {
  case unknown, yes, no

  /// Whether the namespace still exists; nil: not known.
  var isPinned: Bool? {
    switch self {
    case .yes: true
    case .no: false
    case .unknown: nil
    }
  }
}
