// SPDX-License-Identifier: Apache-2.0

/// Formats audit events and writes them to one file, in large pieces.
///
/// A live writer never waits for its file. Records that the file does not take wait, up to a limit, and
/// those beyond it are left out. Once there is room again, an NS_LOST record stands in their place.
package struct RecordWriter<Format: RecordFormat>: ~Copyable {
  private var format: Format
  private var output: LineOutput
  private var text = TextBuffer()
  private var lists = ToldLists()
  /// What NS_LOST says of records that are left out here.
  private let cause: LostRecord.Cause
  /// The most bytes that wait for the file.
  private let waitingMax: Int
  /// Whether events are written, and not left out.
  private var isTaking = true
  private var gap = OutputGap()
  private var needsHeading = false
  /// The serial of nstrace's last event, written or not.
  private var lastSerial: UInt64 = 0
  /// The number of audit events that were written, in whole or in part.
  package private(set) var events: UInt64 = 0
  /// The number of records for which there was no room.
  private var leftOut: UInt64 = 0
  /// The number of records that the file lacks of this run.
  package var missing: UInt64 { leftOut + output.abandoned }
  /// The number of records written: all lines except headings.
  package var records: UInt64 { text.records - missing }

  /// The buffered bytes from which a write does not wait for the end of the batch.
  private static var pieceBytes: Int { 1 << 16 }

  /// A writer that waits for its file, and ends with its first error.
  package init(_ format: Format, to file: consuming FileDescriptor) {
    self.init(format, LineOutput(file, isPatient: true), .stdout, waitingMax: .max)
  }

  /// A live writer to standard output.
  /// - Parameter waitingMax: the most bytes that wait for the reader.
  package init(_ format: Format, live file: consuming FileDescriptor, waitingMax: Int) {
    self.init(format, LineOutput(file, isPatient: false), .stdout, waitingMax: waitingMax)
  }

  /// A live writer to a log.
  /// - Parameter waitingMax: the most bytes that wait for room.
  /// - Throws: `SystemError` if the log cannot be opened, or another process has locked it.
  package init(
    _ format: Format, log files: any LogFiles, _ limits: LogLimits, waitingMax: Int
  ) throws(SystemError) {
    let file = try files.reopen()
    try file.claim()
    let output = LineOutput(file, isPatient: false, log: LogSpace(files, limits))
    self.init(format, output, .log, waitingMax: waitingMax)
  }

  /// A writer of a container's copy. It leaves events out until it has a file.
  /// - Parameters:
  ///   - name: the file's, in messages.
  ///   - waitingMax: the most bytes that wait for the reader.
  ///   - isPatient: whether writes wait for the reader.
  init(_ format: Format, routeNamed name: String, waitingMax: Int, isPatient: Bool) {
    let output = LineOutput(.absent(name), isPatient: isPatient)
    self.init(format, output, .route, waitingMax: waitingMax)
    isTaking = false
  }

  private init(
    _ format: Format, _ output: consuming LineOutput, _ cause: LostRecord.Cause, waitingMax: Int
  ) {
    self.format = format
    self.output = output
    self.cause = cause
    self.waitingMax = waitingMax
    self.format.writeHeading(to: &text)
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    lastSerial = event.serial
    guard isTaking else { return leaveOut(event) }
    let before = text.records
    if ToldLists.concerns(event) { writeAbridged(event) } else { format.write(event, to: &text) }
    if text.records > before { events += 1 }
    if text.count >= Self.pieceBytes { flush() }
  }

  package mutating func write(_ event: borrowing KernelEvent) {
    guard isTaking else { return leaveOut(event) }
    let before = text.records
    format.write(event, to: &text)
    if text.records > before { events += 1 }
    if text.count >= Self.pieceBytes { flush() }
  }

  private mutating func writeAbridged(_ event: borrowing AuditEvent) {
    var abridged = copy event
    lists.abridge(&abridged)
    format.write(abridged, to: &text)
  }

  /// Adapts to the terminal's new width.
  package mutating func resize(columns: Int?) {
    guard format.resize(columns: columns) else { return }
    if isTaking { format.writeHeading(to: &text) } else { needsHeading = true }
  }

  /// Writes the buffered text, as far as the file takes it.
  package mutating func flush() {
    output.drain()
    pass()
    resume()
  }

  /// Writes what waits for the file, if anything does.
  package mutating func drain() {
    guard output.waiting > 0 || !isTaking else { return }
    output.drain()
    resume()
  }

  /// Hands the text over, and decides whether there is room for more.
  private mutating func pass() {
    if text.count > 0 {
      unsafe text.withBytes { unsafe output.put($0) }
      text.removeAll()
    }
    if output.isClosed || output.waiting > waitingMax - Self.pieceBytes { isTaking = false }
  }
}

// MARK: - Gaps

extension RecordWriter {
  /// Counts the event's records, which takes as long as writing them.
  private mutating func leaveOut(_ event: borrowing AuditEvent) {
    if output.isClosed { return }
    let before = text.records
    format.write(event, to: &text)
    let count = discard(since: before)
    if count > 0 { gap.add(event, records: count) }
  }

  private mutating func leaveOut(_ event: borrowing KernelEvent) {
    if output.isClosed { return }
    let before = text.records
    format.write(event, to: &text)
    let count = discard(since: before)
    if count > 0 { gap.add(event, behind: lastSerial, records: count) }
  }

  /// Removes the text, and counts its records as left out.
  private mutating func discard(since before: UInt64) -> UInt64 {
    text.removeAll()
    let count = text.records - before
    leftOut += count
    return count
  }

  /// Writes the record of the gap and takes events again, once half of the room is free.
  private mutating func resume() {
    guard !isTaking, !output.isClosed, !output.file.isAbsent,
      output.waiting <= waitingMax / 2
    else { return }
    isTaking = true
    if needsHeading { format.writeHeading(to: &text) }
    needsHeading = false
    if gap.records > 0 { write(gap.event(cause: cause)) }
    gap = OutputGap()
    pass()
  }
}

// MARK: - The file

extension RecordWriter {
  /// The error that the file is in; nil: none.
  package var failure: SystemError? { output.failure }

  /// How the output fares.
  package var state: OutputState {
    OutputState(
      failure: output.failure, isClosed: output.isClosed, hasGap: gap.records > 0,
      works: output.failure == nil && isTaking, endsRun: output.endsRun, missing: missing,
      records: records, awaited: output.awaitsReader ? output.file.raw : nil)
  }

  /// Writes the rest: nothing more comes.
  /// - Parameter milliseconds: how long it waits for a reader, from one write to the next.
  package mutating func finish(waiting milliseconds: Int32) {
    output.hurry()
    flush()
    while output.awaitsReader {
      do throws(SystemError) {
        try output.wait(milliseconds: milliseconds)
        flush()
      } catch {
        close(error)
      }
    }
    output.abandon()
  }

  /// Gives the file up.
  package mutating func close(_ error: SystemError) {
    output.close(error)
    isTaking = false
  }

  /// Continues in another file, which gets what the old one has not taken.
  package mutating func reopen(_ file: consuming FileDescriptor) {
    flush()
    lists.removeAll()
    output.replace(file)
    flush()
  }

  /// Closes the file. Events are left out until there is another.
  /// - Parameter last: the event that was written last: it stands for what the file has not taken.
  mutating func release(after last: borrowing AuditEvent) {
    flush()
    let lines = output.release()
    isTaking = false
    leftOut += lines
    if lines > 0 { gap.add(last, records: lines) }
  }

  /// Whether the file has taken all.
  var hasCaughtUp: Bool { output.waiting == 0 }

  /// Why the log could not be rotated, once.
  package mutating func takeRotationFailure() -> SystemError? { output.takeRotationFailure() }
}
