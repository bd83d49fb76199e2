// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The container sessions of a keeper, and the processes that are in them.
struct SessionsFound {
  /// First without containers: the highest number that was given; then all sessions.
  var sessions: [KeptSession] = []
  /// Apart from them, because there can be as many as processes.
  var inside: [nst_inside] = []

  /// - Parameter last: the highest number that was given; 0: none.
  init(_ sessions: [KeptSession], last: UInt32, inside: [nst_inside]) {
    var highest = nst_kept_session()
    highest.session = last
    self.sessions = (last > 0 ? [KeptSession(highest, exe: [])] : []) + sessions
    self.inside = inside
  }

  init() {}
}
