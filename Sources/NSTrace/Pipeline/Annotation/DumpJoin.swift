// SPDX-License-Identifier: Apache-2.0

/// Says what processes belonged to at the times of events, by a recording. The recording is read as far
/// as the events need it, so that memory grows neither with it nor with the log.
package struct DumpJoin: ~Copyable {
  private var pipeline: Pipeline<DumpSource, NoEvents>
  private let span = DumpSpan()
  /// Whether all of it has been read.
  package private(set) var hasEnded = false
  /// Why the recording cannot be read to its end; what stands before has been read.
  package private(set) var damage: (any Error)?

  /// Reads a recording until its first snapshot is complete.
  /// - Throws: `AnnotationError` if it has none, the source's error if it cannot be read at all.
  package init(
    _ dump: consuming DumpSource, name: String, policy: any ContainerPolicy,
    options: TrackerOptions
  ) throws {
    var options = options
    options.joinsAudit = true
    pipeline = Pipeline(from: dump, to: NoEvents(), policy: policy, options: options)
    pipeline.taps = [span]
    while !pipeline.isFollowing, try pipeline.step() == .records {}
    if !pipeline.isFollowing { throw AnnotationError.noSnapshot(dump: name) }
  }

  /// The facts of the host that it was recorded on.
  package var host: HostFacts? { pipeline.host }

  /// The bytes that have been read.
  package var offset: Int { pipeline.source.offset }

  /// What the process of a question belonged to.
  package mutating func answer(_ question: AnnotationQuestion) -> AnnotationAnswer {
    read(beyond: question.timeNs)
    let eventNs = bootNs(question.timeNs)
    guard let firstNs = span.firstNs, eventNs >= firstNs, eventNs <= span.lastNs else {
      return .outside
    }
    return AnnotationAnswer(
      pipeline.tracer.tracker.join(process: question.pid, stampedAt: eventNs))
  }

  private func bootNs(_ timeNs: Int64) -> UInt64 {
    pipeline.tracer.tracker.bootNs(ofRealtime: timeNs)
  }

  private mutating func read(beyond timeNs: Int64) {
    let ahead = Tracker<PinnedHold<NoEvents>>.readAheadNs
    while !hasEnded, pipeline.tracer.isWaiting || span.lastNs < bootNs(timeNs) &+ ahead { step() }
  }

  private mutating func step() {
    do {
      if try pipeline.step() == .records { return }
    } catch {
      damage = error
    }
    finish()
  }

  private mutating func finish() {
    hasEnded = true
    do {
      try pipeline.finish()
    } catch {
      damage = damage ?? error
    }
  }

  /// Why no event of a log could be looked up.
  /// - Parameters:
  ///   - log: the first and the last stamp of the log, milliseconds.
  ///   - current: the boot ID of the running host; nil: not known.
  package mutating func otherTime(_ log: ClosedRange<Int64>, current: String?) -> AnnotationError {
    while !hasEnded { step() }
    return .otherTime(
      log: log.lowerBound * 1_000_000...log.upperBound * 1_000_000,
      dump: wallClock(span.firstNs ?? 0)...wallClock(max(span.lastNs, span.firstNs ?? 0)),
      boot: Self.text(bootID: pipeline.host?.bootID ?? []), current: current)
  }

  private func wallClock(_ bootNs: UInt64) -> Int64 { pipeline.tracer.tracker.wallClock(bootNs) }

  /// As /proc/sys/kernel/random/boot_id has it.
  private static func text(bootID: [UInt8]) -> String {
    var text = TextBuffer()
    for (index, byte) in bootID.enumerated() {
      if [4, 6, 8, 10].contains(index) { text.append("-") }
      text.append(hex: UInt64(byte), minimumDigits: 2)
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}

/// Takes no events.
struct NoEvents: AuditEventSink {
  mutating func write(_ event: borrowing AuditEvent) {}
}
