// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What a process is inside, as a keeper has it (nskeeper.h).
struct VisitWord: Equatable {
  var raw: UInt32

  static let sessionMask = UInt32(1) << UInt32(NST_VISIT_SESSION_BITS) - 1

  init(raw: UInt32) { self.raw = raw }

  init(_ visit: SessionsInUse.Visit) {
    raw = visit.session & Self.sessionMask | visit.slots << UInt32(NST_VISIT_SESSION_BITS)
  }

  /// The low bits of the session's number.
  var session: UInt32 { raw & Self.sessionMask }

  var slots: UInt32 { raw >> UInt32(NST_VISIT_SESSION_BITS) }
}
