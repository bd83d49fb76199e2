// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// How much was compared with the oracle: agreement about nothing would prove nothing.
struct OracleTotal {
  private(set) var events = 0
  private(set) var records = 0
  private(set) var registered = 0
  private(set) var refused = 0
  private(set) var dropped = 0
  /// Records with op=assign and op=release.
  private(set) var assigned = 0
  /// Records of tasks that entered a container from outside.
  private(set) var inSession = 0
  /// Sessions that began, and that ended.
  private(set) var begun = 0
  private(set) var ended = 0
  /// Sessions that began before the stream did, and went on.
  private(set) var resumed = 0

  mutating func add(_ said: [ObservedEvent]) {
    for event in said {
      records += event.records.count + event.containers.count
      registered += event.containers.count { $0.verb == .set && $0.granted }
      refused += event.containers.count { !$0.granted }
      dropped += event.containers.count { $0.verb == .drop }
      assigned += event.records.count { $0.op == .assign || $0.op == .release }
      inSession += event.records.count { ($0.session ?? 0) > 0 }
      begun += event.sessions.count { $0.verb == .begin }
      resumed += event.sessions.count { $0.verb == .resume }
      ended += event.sessions.count { $0.verb == .end }
    }
  }

  mutating func add(_ comparison: borrowing OracleComparison) {
    events += comparison.events
    records += comparison.total.records
    registered += comparison.total.registered
    refused += comparison.total.refused
    dropped += comparison.total.dropped
    assigned += comparison.total.assigned
    inSession += comparison.total.inSession
    begun += comparison.total.begun
    ended += comparison.total.ended
    resumed += comparison.total.resumed
  }

  var line: String {
    "\(events) events compared: \(records) records, \(registered) registrations granted, "
      + "\(refused) refused, \(dropped) containers ended, \(assigned) assignments and releases, "
      + "\(inSession) records in a session, \(begun) sessions begun, \(resumed) resumed, \(ended) ended"
  }
}
