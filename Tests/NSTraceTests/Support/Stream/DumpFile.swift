// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import NSTrace

/// Dumps as files of bytes, written by `DumpSink` and read by `DumpSource`.
enum DumpFile {
  /// The batches given to the sink. HOST comes first, as in every stream.
  static let batches: [[UInt8]] = [
    host + encoded { $0.append(nst_clock.make(realtimeOffsetNs: 5)) },
    encoded { $0.append(nst_fork.make(.make(7), of: 6, at: 8)) },
    encoded {
      $0.append(nst_switch.make(to: .host(), at: 9), proctitle: WireSample.proctitleText)
      $0.append(nst_exit.make(.make(7), at: 10), subject: nil)
    },
  ]

  static let host = encoded {
    $0.append(
      nst_host.make(), release: Array("6.18".utf8), hostname: Array("host".utf8), version: [0x31])
  }

  /// The blocks that the source gives for `batches`: HOST is a block of its own.
  static let blocks = [host, Array(batches[0][host.count...])] + batches[1...]

  /// The offsets at which the header and each block end.
  static let ends: [Int] = blocks.reduce(into: []) { ends, block in
    ends.append((ends.last ?? 0) + (ends.isEmpty ? 24 : 16) + block.count)
  }

  static func encoded(_ append: (inout RecordEncoder) -> Void) -> [UInt8] {
    var encoder = RecordEncoder()
    append(&encoder)
    return encoder.bytes
  }

  /// The size of the block that ends a dump: a header alone.
  static let closingBytes = 16

  /// Writes a whole dump and returns its bytes.
  static func write(_ batches: [[UInt8]], to path: String) throws -> [UInt8] {
    var sink = try DumpSink(path: path, overwriting: true)
    for batch in batches { try sink.write(RecordBatch(batch)) }
    try sink.finish()
    return try bytes(of: path)
  }

  /// Writes the first `count` bytes of a dump, and returns the path.
  static func cut(_ dump: [UInt8], to count: Int, at path: String) throws -> String {
    try Data(dump.prefix(count)).write(to: URL(filePath: path))
    return path
  }

  static func bytes(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path)))
  }

  /// The blocks that the source gives, and the error that ended them.
  static func read(_ path: String) throws -> (blocks: [[UInt8]], error: DumpError?) {
    var source = DumpSource(try .reading(path))
    var batch = RecordBatch()
    var blocks: [[UInt8]] = []
    do throws(DumpError) {
      while try source.next(into: &batch) == .records {
        batch.withBytes { blocks.append([UInt8]($0)) }
      }
    } catch {
      return (blocks, error)
    }
    return (blocks, nil)
  }

  /// The same for a file with the content `bytes`.
  static func read(
    _ bytes: some Collection<UInt8>, at path: String
  ) throws -> (blocks: [[UInt8]], error: DumpError?) {
    try Data(bytes).write(to: URL(filePath: path))
    return try read(path)
  }
}
