// SPDX-License-Identifier: Apache-2.0

internal import CBPF
public import NSTrace

extension KernelSource {
  /// What could not be attached to, all of it dispensable.
  public struct Shortfall: Error, CustomStringConvertible, Sendable {
    /// The hooks that could not be attached.
    public let missing: [Hook]
    /// Why tracefs, where system call tracepoints are found, is not there; nil: it is.
    public let tracefsError: SystemError?
    /// Why the hooks could not be had.
    public let hookError: SystemError

    /// - Returns: nil if nothing is missing.
    init?(_ status: nst_probe_status) {
      guard status.missing != 0 else { return nil }
      missing = Hook.all.filter { status.missing & $0.bit != 0 }
      let names = Hook.names(status.missing).joined(separator: ", ")
      hookError = SystemError("attach to \(names)", errno: status.hook_error)
      tracefsError =
        status.tracefs_error == 0
        ? nil : SystemError("mount tracefs on /sys/kernel/tracing", errno: status.tracefs_error)
    }

    /// What is missing, why, what is lost by it, and what to do.
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
