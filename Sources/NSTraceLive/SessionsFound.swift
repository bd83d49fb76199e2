// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The container sessions of a keeper.
struct SessionsFound {
  var sessions: [KeptSession] = []
  /// The highest number that was given to one; 0: none.
  var last: UInt32 = 0

  /// First without containers the highest number; then the sessions.
  var records: [KeptSession] {
    var highest = nst_kept_session()
    highest.session = last
    return (last > 0 ? [KeptSession(highest, exe: [])] : []) + sessions
  }
}
