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
  /// What was read last.
  package private(set) var batch = RecordBatch()
  /// Who reads the records beside the tracker, in this order.
  public var taps: [any RecordTap] = []
  private let process: Process

  /// One call a batch. It is chosen where the sink's type is known, so that the sink of every run has code of its own.
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
    self.source = source
    tracer = Tracer(Tracker(sink: PinnedHold(sink), policy: policy, options: options))
    process = { (tracer, batch) throws(WireError) in try tracer.process(batch) }
  }

  /// Where the events go.
  public var sink: Sink {
    _read { yield tracer.tracker.sink.next }
    _modify { yield &tracer.tracker.sink.next }
  }

  /// What is known of tasks, namespaces and containers by now.
  public var state: NamespaceState { _read { yield tracer.tracker.state } }

  /// The host that the stream is of; nil before its first record.
  public var host: HostFacts? { tracer.tracker.host }

  /// How much has gone through by now, and how much is missing.
  public var counters: TrackerCounters { tracer.tracker.counters }

  /// Whether a snapshot is complete, so that nothing is missed from now on.
  public var isFollowing: Bool { tracer.tracker.phase == .following }
}

// MARK: - Running

extension Pipeline where Source: ~Copyable, Sink: ~Copyable {
  /// Reads the next records and tracks them.
  /// - Returns: what the source had.
  /// - Throws: what the source throws, what it makes of a record that does not hold together, and what a tap
  ///   throws. What stood before the damage has been tracked.
  @discardableResult
  public mutating func step() throws -> SourceStatus {
    let status = try source.next(into: &batch)
    if status == .records { try track() }
    return status
  }

  /// Reads until the source has no more, and finishes.
  /// - Throws: as `step()`, when what came before has been written.
  public mutating func run() throws {
    do {
      while try step() == .records {}
    } catch {
      try? finish()
      throw error
    }
    try finish()
  }

  /// Writes what is held back: nothing more will be read.
  /// - Throws: what the source makes of a record that does not hold together.
  public mutating func finish() throws {
    defer { tracer.tracker.sink.finish() }
    do throws(WireError) {
      try tracer.release()
    } catch {
      throw source.damage(error)
    }
  }

  /// Tracks what was read last.
  package mutating func track() throws {
    for tap in taps { try tap.take(batch) }
    do throws(WireError) {
      try process(&tracer, batch)
    } catch {
      throw source.damage(error)
    }
  }

  /// Has `read` put records into the batch that the source itself does not give at this time, and tracks them.
  package mutating func track(
    _ read: (inout Source, inout RecordBatch) throws -> SourceStatus
  ) throws {
    if try read(&source, &batch) == .records { try track() }
  }
}

extension Pipeline where Source: ~Copyable, Sink == RecordOutputs {
  /// The same for the sink of every run. That its type is named inside this module is what lets the
  /// compiler make decoder and tracker for it: for a sink that only a caller knows, each call goes
  /// through tables, which takes twice as long.
  package init(
    from source: consuming Source, to sink: consuming Sink,
    policy: any ContainerPolicy = ContainerPolicies.rfc, options: TrackerOptions = TrackerOptions()
  ) {
    self.source = source
    tracer = Tracer(Tracker(sink: PinnedHold(sink), policy: policy, options: options))
    process = { (tracer, batch) throws(WireError) in try tracer.process(batch) }
  }
}
