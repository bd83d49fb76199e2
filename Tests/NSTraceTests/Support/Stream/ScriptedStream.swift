// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// A stream put together from a scripted kernel side, batch by batch, with a tracker behind it.
///
///     let stream = try ScriptedStream(following: 1)
///     stream.happens(.fork(1, 2))
///     #expect(try stream.next() == ["fork 1 2"])
final class ScriptedStream {
  let port: ScriptedPort
  var assembler: StreamAssembler<ScriptedPort>
  private(set) var tracer: Tracer<CollectingSink>
  private var batch = RecordBatch()
  private var history = History([])
  /// The size of the last batch: bytes.
  private(set) var bytes = 0

  /// A stream before its first call of the port.
  init(ringBytes: Int = 4096) {
    port = ScriptedPort(ringBytes: ringBytes)
    port.host.record.initial = NamespacePlace.initial.wire
    port.host.release = Array("6.18".utf8)
    port.host.hostname = Array("tower".utf8)
    port.host.version = Array("0.1".utf8)
    assembler = StreamAssembler(port)
    tracer = Tracer(Tracker(sink: CollectingSink()))
  }

  /// A stream behind its start, in which the walk has found these tasks in the host's own
  /// namespaces.
  /// - Parameter prepare: scripts the port before the start.
  /// - Throws: what the stream throws.
  convenience init(
    following tids: UInt32..., ringBytes: Int = 4096, prepare: (ScriptedPort) -> Void = { _ in }
  ) throws {
    self.init(ringBytes: ringBytes)
    prepare(port)
    _ = try next()
    finds(tids.map { .seen($0) })
    _ = try untilLive()
  }

  /// CLOCK_BOOTTIME: nanoseconds.
  var time: UInt64 {
    get { history.time }
    set {
      history.time = newValue
      port.bootNs = newValue
    }
  }

  /// Takes the lines that the tracker has written.
  func takeLines() -> [String] {
    defer { tracer.tracker.sink.events = [] }
    return tracer.tracker.sink.events.flatMap(\.lines)
  }

  /// Takes what the tracker has written of sessions.
  func takeSessions() -> [String] {
    defer { tracer.tracker.sink.events = [] }
    return tracer.tracker.sink.events.flatMap(\.sessions).map(\.line)
  }

  /// Whether the tracker holds a report until it is explained.
  var isWaiting: Bool { tracer.isWaiting }

  /// The tids of the tracker's tasks.
  var tids: [UInt32] { tracer.tracker.state.tasks.sorted.map(\.tid) }
}

// MARK: - What happens

extension ScriptedStream {
  /// The kernel side reports these steps, each 10 ns after the one before.
  func happens(_ steps: History.Step...) {
    for step in steps {
      for record in records([step]) { port.report(record) }
    }
  }

  /// One part of the walk under way finds these tasks.
  func finds(_ steps: History.Step...) { finds(steps) }

  func finds(_ steps: [History.Step]) {
    port.parts.append(records(steps).flatMap(\.self))
  }

  /// One part finds `count` tasks with consecutive tids, each in the first one's namespaces.
  func finds(_ count: UInt32, of first: History.Step) {
    let record = records([first])[0]
    var task = record.withUnsafeBytes { $0.loadUnaligned(as: nst_task.self) }
    var encoder = RecordEncoder()
    for _ in 0..<count {
      encoder.append(task)
      task.subject.task.tid += 1
    }
    port.parts.append(encoder.bytes)
  }

  /// The records of these steps come during the next call of that name, in the middle of a batch.
  func happens(during call: ScriptedPort.Call, _ steps: History.Step...) {
    let records = records(steps)
    let time = time
    port.during(call) { port in
      port.bootNs = time
      for record in records { port.report(record) }
    }
  }

  func records(_ steps: [History.Step]) -> [[UInt8]] {
    let records = steps.flatMap { Self.split(history.records(of: $0)) }
    port.bootNs = history.time
    return records
  }

  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var records: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let header = rest.withUnsafeBytes { $0.loadUnaligned(as: nst_header.self) }
      records.append(Array(rest.prefix(Int(header.size))))
      rest = rest.dropFirst(Int(header.size))
    }
    return records
  }
}

// MARK: - What comes out

extension ScriptedStream {
  /// The names of the next batch's records; empty: there are none.
  /// - Throws: what the stream throws.
  func next() throws -> [String] {
    guard try assembler.next(into: &batch) == .records else {
      bytes = 0
      return []
    }
    return try process()
  }

  /// The batches until the stream is live; a hundred at most.
  func untilLive() throws -> [[String]] {
    var batches: [[String]] = []
    repeat { batches.append(try next()) } while !isLive && batches.count < 100
    return batches
  }

  /// The next `count` batches.
  func next(_ count: Int) throws -> [[String]] {
    var batches: [[String]] = []
    for _ in 0..<count { batches.append(try next()) }
    return batches
  }

  var isLive: Bool { assembler.isLive }
  var isCaughtUp: Bool { assembler.isCaughtUp }
  var mayRest: Bool { assembler.mayRest }
  func isRestDue() -> Bool { assembler.isRestDue() }
  var hasPending: Bool { !assembler.pending.isEmpty }

  /// The losses reported at the end.
  func tellLosses() throws -> [String] {
    guard assembler.tellLosses(into: &batch) == .records else { return [] }
    return try process()
  }

  /// Begins a verification; false: the stream is in a walk of its own.
  func beginVerification() throws -> Bool { try assembler.beginVerification() }

  /// One part of a verification's walk; nil: the stream walks itself.
  func verify() throws -> [String]? {
    var part = RecordBatch()
    return try assembler.verify(into: &part).map { _ in try RecordNames.of(part) }
  }

  func isCensusDue(isUrgent: Bool = false) -> Bool { assembler.isCensusDue(isUrgent: isUrgent) }

  /// Begins a census if a report waits for an explanation, as a run does.
  func explain() throws {
    guard isWaiting, isCensusDue() else { return }
    try assembler.beginCensus(of: tracer.waiting)
  }

  /// The AUDIT and AUDIT_LOST records of the next batch; empty: there are none.
  func nextAudit() throws -> [RawRecord] {
    guard try assembler.next(into: &batch) == .records else { return [] }
    return try AuditRecords.of(batch)
  }

  /// Ends the stream.
  func release() throws { try tracer.release() }

  private func process() throws -> [String] {
    bytes = batch.count
    try tracer.process(batch)
    return try RecordNames.of(batch)
  }
}
