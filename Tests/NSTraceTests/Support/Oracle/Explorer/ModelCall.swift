// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A call of a world's task. Each has several steps, and others' steps can run between them.
enum ModelCall: Hashable {
  case unshare([NamespaceKind])
  /// By pidfd, for several kinds: the namespaces are those at the moment when the call looks at the
  /// other task.
  case setns(TaskName, [NamespaceKind])
  /// Opens /proc/TASK/ns/KIND. The descriptor pins that namespace; no record reports it.
  case open(TaskName, NamespaceKind)
  /// setns with the descriptor that was opened last.
  case enter
  case fork(TaskName)
  case clone(TaskName, [NamespaceKind])
  case exec
  case exit
  /// int 0x80, which passes no tracepoint.
  case compatUnshare([NamespaceKind])
  case compatSetns(TaskName, [NamespaceKind])
  /// The host registers a task and its descendants for the container with that number.
  case register(TaskName, Int)
}

extension ModelCall: CustomStringConvertible {
  var description: String {
    switch self {
    case .unshare(let kinds): "unshare(\(Self.list(kinds)))"
    case .setns(let task, let kinds): "setns(pidfd of \(task), \(Self.list(kinds)))"
    case .open(let task, let kind): "open(/proc/\(task)/ns/\(kind))"
    case .enter: "setns(descriptor)"
    case .fork(let child): "fork() = \(child)"
    case .clone(let child, let kinds): "clone(\(Self.list(kinds))) = \(child)"
    case .exec: "exec()"
    case .exit: "exit()"
    case .compatUnshare(let kinds): "int 0x80 unshare(\(Self.list(kinds)))"
    case .compatSetns(let task, let kinds):
      "int 0x80 setns(pidfd of \(task), \(Self.list(kinds)))"
    case .register(let task, let number): "register \(task) as container \(number)"
    }
  }

  private static func list(_ kinds: [NamespaceKind]) -> String {
    kinds.map { "\($0)" }.joined(separator: "|")
  }

  /// The other task in the call.
  var subject: TaskName? {
    switch self {
    case .setns(let task, _), .open(let task, _), .compatSetns(let task, _), .register(let task, _):
      task
    case .fork(let child), .clone(let child, _): child
    case .unshare, .enter, .exec, .exit, .compatUnshare: nil
    }
  }

  /// The task that the call makes.
  var child: TaskName? {
    switch self {
    case .fork(let child), .clone(let child, _): child
    default: nil
    }
  }
}
