// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import NSTrace

extension Pipeline where Source == KernelSource, Sink: ~Copyable {
  /// Follows the kernel: reads records, sleeps while there are none, and asks the kernel what the
  /// stream leaves open.
  ///
  ///     var pipeline = Pipeline(from: try KernelSource(ringBytes: 4 << 20, version: "1.0"), to: sink)
  ///     try pipeline.follow { isOver }
  ///
  /// - Parameter isOver: called at least ten times a second. Records of what happened before it
  ///   returns true are still written.
  /// - Throws: `SystemError` if the tasks cannot be walked over; `WireError`; what a tap throws.
  public mutating func follow(until isOver: () -> Bool) throws {
    while !isOver() {
      try step()
      if source.mayRest {
        sink.flush()
        rest(milliseconds: Self.longestRestMilliseconds)
      } else {
        skipRest()
      }
      try explain()
    }
    try drain()
  }

  /// Reads what the ring holds now, and no more; then reports losses, and finishes.
  /// - Throws: as `follow(until:)`.
  public mutating func drain() throws {
    try catchUp()
    try track { source, batch in source.tellLosses(into: &batch) }
    try finish()
  }

  /// Reads what the ring holds now, and no more.
  package mutating func catchUp() throws {
    var bytesLeft = source.ringBytes
    repeat {
      try step()
      bytesLeft -= batch.count - source.auditBytes
    } while bytesLeft > 0 && !source.isCaughtUp
  }

  private static var longestRestMilliseconds: Int32 { 100 }
  /// How long records gather in the ring before they are read, which is the most that a record is
  /// late.
  private static var napMilliseconds: Int32 { 20 }
}

// MARK: - Rests

extension Pipeline where Source == KernelSource, Sink: ~Copyable {
  /// Waits for records, at most `milliseconds`.
  private mutating func rest(milliseconds: Int32) {
    let descriptors = [source.descriptor, source.auditDescriptor]
    var sources = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let patience = patienceMilliseconds.map { min($0, milliseconds) } ?? milliseconds
    unsafe poll(&sources, nfds_t(sources.count), patience)
    gather(hasRecords: sources.contains { $0.revents != 0 })
  }

  /// How long the source may be left unread: milliseconds; nil: until it has records.
  package var patienceMilliseconds: Int32? {
    @specialized(where Sink == RecordOutputs)
    get {
      let isWaiting = tracer.isWaiting || tracer.tracker.sink.isWaiting
      return isWaiting ? Self.napMilliseconds : source.patienceMilliseconds
    }
  }

  /// Lets records gather after a rest, and asks the kernel whether namespaces without users still
  /// exist.
  /// - Parameter hasRecords: poll(2) found the source readable.
  @specialized(where Sink == RecordOutputs)
  package mutating func gather(hasRecords: Bool) {
    if hasRecords { source.nap(milliseconds: Self.napMilliseconds) }
    if tracer.tracker.sink.isWaiting { source.answer(tracer.tracker.sink.waiting) }
  }

  /// Writes what was read, and asks the kernel about namespaces, ten times a second while there is no
  /// rest. Else whoever makes events as fast as they are read would keep back the records of all.
  @specialized(where Sink == RecordOutputs)
  package mutating func skipRest() {
    guard source.isRestDue() else { return }
    sink.flush()
    gather(hasRecords: false)
  }

  /// Begins a census if a report waits for an explanation.
  @specialized(where Sink == RecordOutputs)
  package mutating func explain() throws {
    guard tracer.isWaiting, source.isCensusDue() else { return }
    try source.beginCensus(of: tracer.waiting)
  }

  /// Reads until no report waits for an explanation, so that a replay sees the same state. A walk that
  /// has begun is waited for, however long it takes; then the source may end the wait.
  package mutating func settle() throws {
    try step()
    let beganNs = source.bootNs
    while tracer.isWaiting {
      if source.isCensusDue(isUrgent: true) {
        try source.beginCensus(of: tracer.waiting, waitingSince: beganNs)
      }
      if source.isCaughtUp { source.nap(milliseconds: Self.napMilliseconds) }
      try step()
    }
  }

  /// Asks the kernel which stained namespaces without tasks live (T2), where it can be asked, and reads
  /// the answers. A registration is judged by them.
  package mutating func askAboutStains() throws {
    guard source.asksNsfs else { return }
    let stained = state.stainedUnused
    if stained.isEmpty { return }
    source.answer(stained)
    try step()
  }

  /// Reads the records that a registration, or a look at confinement, has added behind the ring's.
  package mutating func readPending() throws {
    while source.hasPending { try step() }
  }
}
