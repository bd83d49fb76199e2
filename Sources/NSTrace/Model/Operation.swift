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

  /// The operation that is recorded with a namespace which the call has not made. A child is born into those
  /// that are known, all that unshare(2) does is to make, and the rest was found.
  func notMaking(isNew: Bool) -> Operation {
    switch self {
    case .unshare: .late
    case .clone, .clone3: isNew ? .late : self
    case .setns, .exec, .exit, .late, .resync, .assign, .release: self
    }
  }

  /// As `op=` prints it.
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

  /// The operation with that name, if there is one.
  public init?(name: String) {
    guard let op = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
    self = op
  }
}
