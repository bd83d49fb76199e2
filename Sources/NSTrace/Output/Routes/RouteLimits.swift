// SPDX-License-Identifier: Apache-2.0

/// The room that containers' copies may take.
package struct RouteLimits: Sendable {
  /// The most files that are open at once, sockets not counted.
  package var open = 128
  /// The most containers whose serials are remembered.
  package var known = 4096
  /// The most bytes of a copy that wait for its reader, or for room.
  package var waiting = 1 << 18
  /// Whether writes wait for the reader: in a replay.
  package var isPatient = false

  package init() {}
}
