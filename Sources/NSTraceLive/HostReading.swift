// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// The facts about the machine from which the HOST record is made.
struct HostReading {
  /// Namespaces, boot ID, device of nsfs, architecture, and the attached hooks; the other members
  /// are 0.
  var record = nst_host()
  /// `/proc/sys/kernel/osrelease`.
  var release: [UInt8] = []
  /// The nodename of the host's own UTS namespace.
  var hostname: [UInt8] = []
  /// The version of nstrace.
  var version: [UInt8] = []
}
