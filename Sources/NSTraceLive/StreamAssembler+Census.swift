// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The census: a walk beside the stream for reports that wait for an explanation.
extension StreamAssembler where Port: ~Copyable {
  /// Whether a walk may begin now.
  /// - Parameter isUrgent: a client waits for the result, so the rest after the last walk is left
  ///   out.
  func isCensusDue(isUrgent: Bool) -> Bool {
    guard case .idle = census.phase else { return false }
    return isUrgent || port.now(.boot) >= census.dueNs
  }

  /// Begins to look for the tasks that use these namespaces. The result comes with the records of
  /// later calls of `next(into:)`.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func beginCensus(of ids: [NamespaceID]) throws(SystemError) {
    guard isLive, !ids.isEmpty else { return }
    census.begin(ids, at: port.now(.boot))
    try port.beginWalk(reports: false)
    isCaughtUp = false
  }

  /// Begins to look for the tasks that use these namespaces, for a registration that has waited since
  /// `timeNs` until no report waits. Others can make and enter namespaces so fast that some report
  /// always does: after `waitNs` the stream ends the wait instead, with the next batch.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func beginCensus(
    of ids: [NamespaceID], waitingSince timeNs: UInt64
  ) throws(SystemError) {
    let now = port.now(.boot)
    if now < timeNs + Self.waitNs { return try beginCensus(of: ids) }
    var end = nst_users()
    end.hdr.time_ns = now
    pending.append(end)
    isCaughtUp = false
  }

  /// Twice the patience with a task that a walk has found: nanoseconds.
  private static var waitNs: UInt64 { 2 * EffectOrder.patienceNs }

  /// Takes one part of the walk. The result comes behind all that the ring held when the walk
  /// ended, so a task that had reported by then comes first.
  /// - Returns: whether records were added to `batch`, behind those that were just read from the
  ///   ring.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func continueCensus(behind batch: inout RecordBatch) throws(SystemError) -> Bool {
    switch census.phase {
    case .idle: return false
    case .walking:
      isCaughtUp = false
      try walkCensus()
      return false
    case .settling(let bytesLeft):
      census.phase = .settling(bytesLeft: bytesLeft - batch.count)
      guard isCaughtUp || bytesLeft <= batch.count else { return false }
      batch.append(census.take(at: port.now(.boot)))
      return true
    }
  }

  private mutating func walkCensus() throws(SystemError) {
    var part = census.takePart()
    let start = port.now(.processor)
    part.removeAll()
    try port.takeWalk(into: &part, room: Self.readBytes)
    if part.isEmpty {
      census.settle(behind: port.ringBytes, at: port.now(.boot))
    } else {
      census.add(part, spent: port.now(.processor) - start)
    }
  }
}
