// SPDX-License-Identifier: Apache-2.0

/// Reads records from a source and writes the audit events that they make to a sink.
///
/// The same pipeline replays a dump and follows the kernel; only the source differs. It starts no
/// threads: each call reads, tracks and writes, and returns.
///
///     struct Creations: AuditEventSink {
///       var count = 0
///       mutating func write(_ event: borrowing AuditEvent) {
///         count += event.namespaces.count { $0.verb == .create }
///       }
///     }
///
///     var pipeline = Pipeline(from: try DumpSource(path: "x.nsdump"), to: Creations())
///     try pipeline.run()
///     print(pipeline.sink.count)
public struct Pipeline<
  Source: RecordSource & ~Copyable, Sink: AuditEventSink & ~Copyable
>: ~Copyable {
  /// Where the records come from.
  public var source: Source
  package var tracer: Tracer<PinnedHold<Sink>>
  /// The batch that was read last.
  package private(set) var batch = RecordBatch()
  /// What reads the records beside the tracker, in this order.
  public var taps: [any RecordTap] = []
  private let process: Process

  /// Called once a batch. It is chosen where the sink's type is known, so that the sink of every
  /// run has specialised code.
  fileprivate typealias Process = (
    inout Tracer<PinnedHold<Sink>>, borrowing RecordBatch
  ) throws(WireError) -> Void

  /// - Parameters:
  ///   - source: where the records come from.
  ///   - sink: where the events go.
  ///   - policy: which container ID a task gets.
  ///   - options: which records are made.
  public init(
    from source: consuming Source, to sink: consuming Sink,
    policy: any ContainerPolicy = ContainerPolicies.rfc, options: TrackerOptions = TrackerOptions()
  ) {
    self.init(source, PinnedHold(sink), policy, options) { (tracer, batch) throws(WireError) in
      try tracer.process(batch)
    }
  }

  fileprivate init(
    _ source: consuming Source, _ hold: consuming PinnedHold<Sink>, _ policy: any ContainerPolicy,
    _ options: TrackerOptions, process: @escaping Process
  ) {
    self.source = source
    self.process = process
    tracer = Tracer(Tracker(sink: hold, policy: policy, options: options))
  }

  /// Where the events go.
  public var sink: Sink {
    _read { yield tracer.tracker.sink.next }
    _modify { yield &tracer.tracker.sink.next }
  }

  /// The tasks, namespaces and containers as of the last record.
  public var state: NamespaceState { _read { yield tracer.tracker.state } }

  /// The facts of the HOST record; nil before it.
  public var host: HostFacts? { tracer.tracker.host }

  /// The number of events written, and of records missing.
  public var counters: TrackerCounters { tracer.tracker.counters }

  /// Gives back memory that much work has left behind. Nothing else changes.
  package mutating func compact() {
    tracer.tracker.state.compact()
    batch = RecordBatch()
  }

  /// What is known of the kernel's audit events (`auditctl`); all zero without them.
  public var auditCounters: AuditCounters { tracer.tracker.auditCounters }

  /// Whether a snapshot is complete, so that no event is missed from now on.
  public var isFollowing: Bool { tracer.tracker.phase == .following }
}

// MARK: - Running

extension Pipeline where Source: ~Copyable, Sink: ~Copyable {
  /// Reads the next records and tracks them.
  /// - Returns: the source's status.
  /// - Throws: the source's failure, its error for a damaged record, or a tap's error. The records
  ///   before the damage have been tracked.
  @discardableResult
  public mutating func step() throws -> SourceStatus {
    let status = try source.next(into: &batch)
    if status == .records { try track() }
    return status
  }

  /// Reads until the source has no more, and finishes.
  /// - Throws: as `step()`; the events before the error have been written.
  public mutating func run() throws {
    do {
      while try step() == .records {}
    } catch {
      try? finish()
      throw error
    }
    try finish()
  }

  /// Tracks the held records and writes the held events: nothing more will be read.
  /// - Throws: the source's error for a damaged record.
  public mutating func finish() throws {
    defer {
      tracer.tracker.finishAudit()
      tracer.tracker.sink.finish()
    }
    do throws(WireError) {
      try tracer.release()
    } catch {
      throw source.damage(error)
    }
  }

  /// Tracks the batch that was read last.
  package mutating func track() throws {
    for tap in taps { try tap.take(batch) }
    do throws(WireError) {
      try process(&tracer, batch)
    } catch {
      throw source.damage(error)
    }
  }

  /// Lets `read` put records into the batch that the source does not give at this time, and tracks
  /// them.
  package mutating func track(
    _ read: (inout Source, inout RecordBatch) throws -> SourceStatus
  ) throws {
    if try read(&source, &batch) == .records { try track() }
  }
}

extension Pipeline where Source: ~Copyable, Sink == RecordOutputs {
  /// The same for the sink of every run. Its type is named inside this module, so the compiler
  /// specialises decoder and tracker for it. For a sink type that only a caller knows each call
  /// goes through witness tables, which takes twice as long.
  package init(
    from source: consuming Source, to sink: consuming Sink,
    policy: any ContainerPolicy = ContainerPolicies.rfc, options: TrackerOptions = TrackerOptions()
  ) {
    self.init(source, PinnedHold(sink), policy, options) { (tracer, batch) throws(WireError) in
      try tracer.process(batch)
    }
  }
}
