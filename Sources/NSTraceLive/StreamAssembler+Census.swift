// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A walk beside the stream for reports that wait for an explanation.
extension StreamAssembler where Port: ~Copyable {
  /// Whether a walk may begin now.
  /// - Parameter isUrgent: somebody waits for what it explains; the rest after the last one is left out.
  func isCensusDue(isUrgent: Bool) -> Bool {
    guard case .idle = census.phase else { return false }
    return isUrgent || port.now(.boot) >= census.dueNs
  }

  /// Begins to look for the tasks that use these namespaces; what is found comes with the records that
  /// `next(into:)` hands out from now on.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  mutating func beginCensus(of ids: [NamespaceID]) throws(SystemError) {
    guard isLive, !ids.isEmpty else { return }
    census.begin(ids, at: port.now(.boot))
    try port.beginWalk(reports: false)
    isCaughtUp = false
  }

  /// One part of the walk. What it found stands behind all that the ring held when it ended: a task
  /// that has reported by then has reported before.
  /// - Returns: whether `batch`, which holds what was just read from the ring, has more behind it now.
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
