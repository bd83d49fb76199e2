// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Copies logs to standard output, with the CONTAINER_ID lines that a recording gives.
struct AnnotateRun: ~Copyable {
  private var join: DumpJoin
  private(set) var annotator: LogAnnotator

  /// How much output waits until an event lies in the time of the recording. So a short log of another
  /// boot is refused before anything is written.
  private static let withheldBytes = 16 << 20
  private static let pieceBytes = 256 << 10

  /// - Parameter node: the name that the log has for the host of the recording; nil: the host's own.
  init(_ join: consuming DumpJoin, node: String?) {
    annotator = LogAnnotator(.file(node: node.map { Array($0.utf8) } ?? join.host?.hostname))
    self.join = join
  }

  /// Why the recording could not be read to its end.
  var damage: (any Error)? { join.damage }

  /// - Throws: `AnnotationError` for a log that must not be annotated, the error of an input or of the
  ///   output. What was read before an input's error has been written.
  mutating func run(_ inputs: [LogInput]) throws {
    var failure: (any Error)?
    do {
      for (index, input) in inputs.enumerated() {
        try copy(input, isLast: index == inputs.count - 1)
      }
    } catch let error as LogInput.Failure {
      failure = error
    }
    annotator.closeAll()
    settle()
    if failure == nil, isOfOtherTime { throw otherTime() }
    try write()
    if let failure { throw failure }
  }

  private mutating func copy(_ input: LogInput, isLast: Bool) throws {
    var lines = LineBuffer()
    var (hasMore, isCut) = (true, false)
    while hasMore {
      hasMore = try lines.fill { try input.read(into: $0) }
      while let piece = lines.next() { isCut = try take(piece, of: lines) }
      settle()
      try flush()
    }
    if isCut && !isLast { annotator.endLine() }
  }

  /// - Returns: whether the piece ends within a line.
  private mutating func take(
    _ piece: LineBuffer.Piece, of lines: borrowing LineBuffer
  ) throws(AnnotationError) -> Bool {
    if annotator.isFull { settle() }
    switch piece {
    case .line(let range):
      try annotator.take(lines.bytes.span.extracting(range))
      return false
    case .cut(let range):
      annotator.take(cut: lines.bytes.span.extracting(range))
      return true
    case .long(let range, let isFirst):
      annotator.take(long: lines.bytes.span.extracting(range), isFirst: isFirst)
      return lines.bytes[range.upperBound - 1] != 0x0a
    }
  }

  private mutating func settle() {
    for question in annotator.takeQuestions() { annotator.answer(question, join.answer(question)) }
    annotator.release()
  }

  private mutating func flush() throws {
    guard annotator.output.count >= Self.pieceBytes else { return }
    if !annotator.counts.hasFollowed {
      guard annotator.output.count >= Self.withheldBytes else { return }
      if isOfOtherTime && join.hasEnded { throw otherTime() }
    }
    try write()
  }

  private mutating func write() throws(SystemError) {
    try annotator.output.withBytes { (bytes) throws(SystemError) in
      try FileDescriptor.standardOutput.write(Array(bytes))
    }
    annotator.output.removeAll()
  }

  private var isOfOtherTime: Bool {
    !annotator.counts.hasFollowed && annotator.counts.outside > 0
  }

  private mutating func otherTime() -> AnnotationError {
    let boot = try? FileDescriptor.reading("/proc/sys/kernel/random/boot_id").read(36)
    return join.otherTime(
      annotator.span ?? 0...0, current: boot.map { String(decoding: $0, as: UTF8.self) })
  }
}
