// SPDX-License-Identifier: Apache-2.0

/// What made a namespace's users change: `op=`.
public enum Operation: UInt8, CaseIterable, Sendable {
  case clone, clone3, unshare, setns, exec, exit
  /// Found by comparing a task with what was last reported: no hook saw it happen.
  case late
  /// Found by the snapshot that follows a loss.
  case resync
  /// A container ID joins a namespace's list (RFC R12).
  case assign
  /// A container ID leaves a namespace's list (RFC R12).
  case release

  /// The operation for a namespace that the call has not made. clone puts a child into known
  /// namespaces and unshare only makes new ones, so an unknown one was found.
  func notMaking(isNew: Bool) -> Operation {
    switch self {
    case .unshare: .late
    case .clone, .clone3: isNew ? .late : self
    case .setns, .exec, .exit, .late, .resync, .assign, .release: self
    }
  }

  /// The value of `op=`.
  public var name: StaticString {
    switch self {
    case .clone: "clone"
    case .clone3: "clone3"
    case .unshare: "unshare"
    case .setns: "setns"
    case .exec: "exec"
    case .exit: "exit"
    case .late: "late"
    case .resync: "resync"
    case .assign: "assign"
    case .release: "release"
    }
  }

  /// The operation with that name; nil: none.
  public init?(name: String) {
    guard let op = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
    self = op
  }
}
