// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import NSTrace

extension Pipeline where Source == KernelSource, Sink: ~Copyable {
  /// Follows the kernel: reads what happens, rests while nothing does, and asks the kernel what the stream
  /// leaves open.
  ///
  ///     var pipeline = Pipeline(from: try KernelSource(ringBytes: 4 << 20, version: "1.0"), to: sink)
  ///     try pipeline.follow { isOver }
  ///
  /// - Parameter isOver: asked at least ten times a second. What happened before it becomes true is
  ///   still written.
  /// - Throws: `SystemError` when the tasks cannot be walked over; `WireError`; what a tap throws.
  public mutating func follow(until isOver: () -> Bool) throws {
    while !isOver() {
      try step()
      if source.isCaughtUp {
        sink.flush()
        rest(milliseconds: Self.longestRestMilliseconds)
      }
      try explain()
    }
    try drain()
  }

  /// Reads what stands in the ring by now, and no more; then what was lost; and finishes.
  /// - Throws: as `follow(until:)`.
  public mutating func drain() throws {
    var bytesLeft = source.ringBytes
    repeat {
      try step()
      bytesLeft -= batch.count
    } while bytesLeft > 0 && !source.isCaughtUp
    try track { source, batch in source.tellLosses(into: &batch) }
    try finish()
  }

  private static var longestRestMilliseconds: Int32 { 100 }
  /// How long records gather in the ring before they are read: a record is late by no more.
  private static var napMilliseconds: Int32 { 20 }
}

// MARK: - Rests

extension Pipeline where Source == KernelSource, Sink: ~Copyable {
  /// Waits until something happens, at most so long.
  private mutating func rest(milliseconds: Int32) {
    var ring = pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0)
    let patience = patienceMilliseconds.map { min($0, milliseconds) } ?? milliseconds
    unsafe poll(&ring, 1, patience)
    gather(hasRecords: ring.revents != 0)
  }

  /// How long the source may be left alone: milliseconds; nil: until it has records.
  package var patienceMilliseconds: Int32? {
    let isWaiting = tracer.isWaiting || tracer.tracker.sink.isWaiting
    return isWaiting ? Self.napMilliseconds : source.patienceMilliseconds
  }

  /// After a rest: lets records gather, and asks the kernel what has become of namespaces that nobody uses.
  /// - Parameter hasRecords: what poll(2) said of the source.
  package mutating func gather(hasRecords: Bool) {
    if hasRecords { source.nap(milliseconds: Self.napMilliseconds) }
    if tracer.tracker.sink.isWaiting { source.answer(tracer.tracker.sink.waiting) }
  }

  /// Has the tasks walked over when a report waits for an explanation.
  package mutating func explain(isUrgent: Bool = false) throws {
    guard tracer.isWaiting, source.isCensusDue(isUrgent: isUrgent) else { return }
    try source.beginCensus(of: tracer.waiting)
  }

  /// Reads until no report waits for an explanation: as a replay will see it.
  package mutating func settle() throws {
    try step()
    while tracer.isWaiting {
      try explain(isUrgent: true)
      if source.isCaughtUp { source.nap(milliseconds: Self.napMilliseconds) }
      try step()
    }
  }

  /// Reads what a registration, or a look at how tasks are confined, has put behind the ring's records.
  package mutating func readPending() throws {
    while source.hasPending { try step() }
  }
}
