// SPDX-License-Identifier: Apache-2.0

/// What the kernel says of a process that asks over the control socket.
package struct ControlCallerFacts: Sendable {
  /// None if the process has another effective user than the one that connected: others that hold the
  /// connection may ask in its name.
  package var capabilities: AuditCapabilities
  /// When the process was started: CLOCK_BOOTTIME, nanoseconds; 0: there is no such process.
  package var startNs: UInt64

  package init(capabilities: AuditCapabilities = [], startNs: UInt64 = 0) {
    self.capabilities = capabilities
    self.startNs = startNs
  }
}
