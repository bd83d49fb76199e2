// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// What a port knows of the machine for the HOST record.
struct HostReading {
  /// Namespaces, boot ID, device of nsfs, architecture and the hooks that were attached; the rest is 0.
  var record = nst_host()
  /// `/proc/sys/kernel/osrelease`.
  var release: [UInt8] = []
  /// The nodename of the host's own UTS namespace.
  var hostname: [UInt8] = []
  /// The version of nstrace.
  var version: [UInt8] = []
}
