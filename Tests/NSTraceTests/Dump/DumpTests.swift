// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Foundation
import NSTrace
import Testing

@Suite struct DumpTests {
  @Test func `what was written is read, block by block`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x.nsdump")
    let bytes = try DumpFile.write(DumpFile.batches, to: path)
    let (blocks, error) = try DumpFile.read(path)
    #expect(error == nil)
    #expect(blocks == DumpFile.blocks)
    #expect(bytes.count == DumpFile.ends[3] + 16)
  }

  @Test func `the bytes stand where the format says`() throws {
    let scratch = try ScratchDirectory()
    let host = DumpFile.host
    let bytes = try DumpFile.write([host + DumpFile.blocks[1]], to: scratch.file("x"))
    var header = [0x89, 0x4e, 0x53, 0x44, 0x0d, 0x0a, 0x1a, 0x0a] as [UInt8]
    header += [1, 0, 6, 0, 4, 3, 2, 1, UInt8(host.count), 0, 0, 0]
    header.append(checksum: Checksum.crc32c(header + host))
    var block = Array("NSTB".utf8) + [24, 0, 0, 0]
    block.append(checksum: Checksum.crc32c(DumpFile.blocks[1]))
    block += [0, 0, 0, 0] + DumpFile.blocks[1]
    let end = Array("NSTB".utf8) + [UInt8](repeating: 0, count: 12)
    #expect(bytes == header + host + block + end)
  }

  @Test func `a source says how far it is, and how far it is to go`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let bytes = try DumpFile.write(DumpFile.batches, to: path)
    var source = DumpSource(try .reading(path))
    var batch = RecordBatch()
    var offsets = [source.offset]
    while try source.next(into: &batch) == .records { offsets.append(source.offset) }
    #expect(offsets == [0] + DumpFile.ends)
    #expect(source.offset == bytes.count)
    #expect(source.size == bytes.count)
    #expect(try source.next(into: &batch) == .ended)
  }

  /// A block without records is the closing one: no other may look like it.
  @Test func `batches without records, and a HOST record alone, end no dump`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    _ = try DumpFile.write([[], DumpFile.host, [], DumpFile.batches[1], []], to: path)
    let (blocks, error) = try DumpFile.read(path)
    #expect(error == nil)
    #expect(blocks == [DumpFile.host, DumpFile.batches[1]])
  }

  @Test func `a recording that never began leaves an empty file`() throws {
    let scratch = try ScratchDirectory()
    #expect(try DumpFile.write([], to: scratch.file("x")) == [])
  }

  @Test func `a dump of a later minor version is read`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bytes = try DumpFile.write(DumpFile.batches, to: path)
    bytes[10] = 9
    bytes.store(Checksum.crc32c(bytes[..<20] + DumpFile.host), at: 20)
    let (blocks, error) = try DumpFile.read(bytes, at: path)
    #expect(error == nil)
    #expect(blocks == DumpFile.blocks)
  }

  @Test func `blocks of many sizes are read`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let fork = DumpFile.batches[1]
    let large = [UInt8]((0..<40_000).map { _ in fork }.joined())
    let batches = [DumpFile.host + fork, large, fork, large + fork]
    _ = try DumpFile.write(batches, to: path)
    let (blocks, error) = try DumpFile.read(path)
    #expect(error == nil)
    #expect(blocks == [DumpFile.host, fork, large, fork, large + fork])
  }
}

extension [UInt8] {
  fileprivate mutating func append(checksum: UInt32) {
    Swift.withUnsafeBytes(of: checksum) { append(contentsOf: $0) }
  }
}
