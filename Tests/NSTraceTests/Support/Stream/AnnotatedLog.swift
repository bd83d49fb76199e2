// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A log with the lines that are added to it, when what the processes belong to is known beforehand.
struct AnnotatedLog {
  private(set) var output: [UInt8] = []
  private(set) var counts = AnnotationCounts()

  /// - Parameters:
  ///   - log: the bytes of the log.
  ///   - pieceBytes: how many are read at a time.
  ///   - answers: by pid; a process that is not there is the host's.
  init(
    _ log: [UInt8], from origin: LogAnnotator.Origin? = nil, node: String? = nil,
    pieceBytes: Int = .max,
    _ answers: [UInt32: AnnotationAnswer] = [:]
  ) throws {
    var annotator = LogAnnotator(origin ?? .file(node: node.map { Array($0.utf8) }))
    var lines = LineBuffer()
    var (rest, hasMore) = (log[...], true)
    while hasMore {
      hasMore = lines.fill { buffer in
        let count = min(buffer.count, rest.count, pieceBytes)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
      }
      while let piece = lines.next() {
        if annotator.isFull { Self.settle(&annotator, answers) }
        try Self.put(piece, lines.bytes, into: &annotator)
      }
      Self.settle(&annotator, answers)
    }
    annotator.closeAll()
    Self.settle(&annotator, answers)
    output = annotator.output.bytes
    counts = annotator.counts
  }

  init(_ log: String, _ answers: [UInt32: AnnotationAnswer] = [:]) throws {
    try self.init(Array(log.utf8), answers)
  }

  var text: String { String(decoding: output, as: UTF8.self) }

  private static func put(
    _ piece: LineBuffer.Piece, _ bytes: [UInt8], into annotator: inout LogAnnotator
  ) throws {
    switch piece {
    case .line(let range): try annotator.take(bytes.span.extracting(range))
    case .cut(let range): annotator.take(cut: bytes.span.extracting(range))
    case .long(let range, let isFirst):
      annotator.take(long: bytes.span.extracting(range), isFirst: isFirst)
    }
  }

  private static func settle(
    _ annotator: inout LogAnnotator, _ answers: [UInt32: AnnotationAnswer]
  ) {
    for question in annotator.takeQuestions() {
      annotator.answer(question, answers[question.pid] ?? .known([]))
    }
    annotator.release()
  }
}
