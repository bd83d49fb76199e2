// SPDX-License-Identifier: Apache-2.0

internal import CBPF
public import NSTrace

extension KernelSource {
  /// The hooks that could not be attached and without which tracing still works.
  public struct Shortfall: Error, CustomStringConvertible, Sendable {
    /// The hooks that could not be attached.
    public let missing: [Hook]
    /// Why tracefs, which has the system call tracepoints, cannot be read; nil: it can.
    public let tracefsError: SystemError?
    /// Why the hooks could not be attached.
    public let hookError: SystemError

    /// - Returns: nil if all hooks are attached.
    init?(_ status: nst_probe_status) {
      guard status.missing != 0 else { return nil }
      missing = Hook.all.filter { status.missing & $0.bit != 0 }
      let names = Hook.names(status.missing).joined(separator: ", ")
      hookError = SystemError("attach to \(names)", errno: status.hook_error)
      tracefsError =
        status.tracefs_error == 0
        ? nil : SystemError("mount tracefs on /sys/kernel/tracing", errno: status.tracefs_error)
    }

    /// Names the missing hooks, the reason, what is not seen without them, and the remedy.
    public var description: String {
      let losses = missing.compactMap(\.loss)
      let remedy =
        tracefsError != nil
        ? "mount it (mount -t tracefs nodev /sys/kernel/tracing) and start again"
        : "give CAP_DAC_READ_SEARCH and CAP_PERFMON, or start as root"
      return "\(tracefsError ?? hookError): \(losses.joined(separator: "; ")); \(remedy)"
    }
  }
}
