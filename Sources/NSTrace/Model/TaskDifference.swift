// SPDX-License-Identifier: Apache-2.0

/// A task for which the state differs from the kernel.
package struct TaskDifference: Sendable, Hashable, CustomStringConvertible {
  package enum What: Sendable, Hashable {
    /// The kernel has it, the state does not.
    case unknown
    /// The state has it, the kernel does not.
    case gone
    /// The namespaces differ: those of the first such slot; nil: not known.
    case elsewhere(tracked: NamespaceID?, kernel: NamespaceID)
  }

  package var tid: UInt32
  /// CLOCK_BOOTTIME, nanoseconds.
  package var startNs: UInt64
  package var what: What

  /// Contains no text that the task chose.
  package var description: String {
    switch what {
    case .unknown: "task \(tid) was not known"
    case .gone: "task \(tid) has gone"
    case .elsewhere(let tracked, let kernel):
      "task \(tid) is in \(kernel.kind) \(kernel.inum), not \(tracked.map { "\($0.inum)" } ?? "?")"
    }
  }
}
