// SPDX-License-Identifier: Apache-2.0

/// What a record is about, as `--what` names it.
package enum RecordClass: String, Sendable, CaseIterable {
  /// A namespace was made, a task came into another, or a namespace has ended.
  case create, change, destroy
  /// The kernel, or nstrace, refused it.
  case refused
  /// A registration or the end of a container.
  case container
  /// A task came into a container from outside, or has left it.
  case session
  /// Records are missing. Those are always printed.
  case lost

  init(_ record: NamespaceRecord) {
    switch record.verb {
    case _ where !record.granted: self = .refused
    case .create: self = .create
    case .change: self = .change
    case .destroy: self = .destroy
    }
  }
}
