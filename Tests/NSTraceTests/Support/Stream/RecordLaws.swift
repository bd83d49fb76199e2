// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Checks the laws of the records on a stream of them that begins with a snapshot.
struct RecordLaws {
  /// The namespaces in use, by the records alone.
  private(set) var inUse: Set<NamespaceID>
  private let atFirst: Int
  /// The namespaces in use that no record reports as made by a call: a task was found in them, or
  /// entered by setns. The maker may report later, which is no second creation.
  private var unmade: Set<NamespaceID>
  private var created = 0
  private var destroyed = 0
  private var serial: UInt64 = 0
  /// T4: the sessions that have begun and not ended, and the last number.
  private var sessions: Set<UInt32> = []
  private var lastSession: UInt32 = 0
  private(set) var broken: [String] = []

  /// - Parameter inUse: the namespaces in use when the first snapshot was complete.
  init(inUse: Set<NamespaceID>) {
    self.inUse = inUse
    unmade = inUse
    atFirst = inUse.count
  }

  mutating func check(_ event: ObservedEvent) {
    serial += 1
    if event.serial != serial { broken.append("serial \(event.serial) after \(serial - 1)") }
    for record in event.records where record.granted { check(record) }
    checkSessions(of: event)
    if created - destroyed != inUse.count - atFirst {
      broken.append("law 3: \(created) created, \(destroyed) destroyed, \(inUse.count) in use")
    }
  }

  /// T4: a session begins once and ends once, and records have it in between.
  private mutating func checkSessions(of event: ObservedEvent) {
    let ends = event.sessions.filter { $0.verb == .end }
    // One that began before the stream did may have ended then, too.
    let unseen = ends.filter { $0.way.op == .late && !sessions.contains($0.visit.session) }
    let ended = ends.filter { !unseen.contains($0) }.map(\.visit.session)
    for record in event.sessions where record.verb == .resume {
      lastSession = max(lastSession, record.visit.session)
      sessions.insert(record.visit.session)
    }
    for record in event.sessions where record.verb == .begin {
      if record.visit.session <= lastSession { broken.append("T4: again \(record.line)") }
      lastSession = record.visit.session
      sessions.insert(lastSession)
    }
    for session in event.records.compactMap(\.session) where session != 0 {
      if !sessions.contains(session) { broken.append("T4: session \(session) has not begun") }
      if !event.visits.contains(where: { $0.session == session }) {
        broken.append("T4: what session \(session) is inside is not said")
      }
    }
    for session in ended where sessions.remove(session) == nil {
      broken.append("T4: session \(session) ended and was none")
    }
  }

  private mutating func check(_ record: NamespaceRecord) {
    guard let namespace = record.namespace else {
      return broken.append("nothing was made by \(record.line)")
    }
    switch record.verb {
    case .create:
      let wasUnmade = unmade.remove(namespace) != nil
      if ![.unshare, .clone, .clone3].contains(record.op) { unmade.insert(namespace) }
      // No kernel gives an ns_id twice. A hostile stream may hold one twice.
      if inUse.contains(namespace), wasUnmade || namespace.nsid != 0 { return }
      created += 1
      if !inUse.insert(namespace).inserted { broken.append("it was in use: \(record.line)") }
    case .change:
      if !inUse.contains(namespace) { broken.append("it was not in use: \(record.line)") }
    case .destroy:
      destroyed += 1
      unmade.remove(namespace)
      if inUse.remove(namespace) == nil { broken.append("law 1: \(record.line)") }
    }
  }
}
