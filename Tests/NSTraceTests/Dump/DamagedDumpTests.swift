// SPDX-License-Identifier: Apache-2.0

import Foundation
import NSTrace
import Testing

@Suite struct DamagedDumpTests {
  @Test func `a dump cut at any byte gives all whole blocks before, and the place`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let whole = try DumpFile.write(DumpFile.batches, to: path)
    for length in whole.indices.reversed() {
      try #require(truncate(path, length) == 0)
      let (blocks, error) = try DumpFile.read(path)
      let count = DumpFile.ends.count { $0 <= length }
      let offset = count == 0 ? 0 : DumpFile.ends[count - 1]
      #expect(blocks == Array(DumpFile.blocks[..<count]), "cut at \(length)")
      #expect(
        error == (length < 8 ? .notADump(name: path) : .truncated(name: path, offset: offset)),
        "cut at \(length)")
    }
  }

  @Test func `a dump without its closing block is reported`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var sink = DumpSink(try .creating(path))
    for batch in DumpFile.batches { try sink.write(RecordBatch(batch)) }
    let (blocks, error) = try DumpFile.read(path)
    #expect(blocks == DumpFile.blocks)
    #expect(error == .truncated(name: path, offset: DumpFile.ends[3]))
    #expect(sink.written == DumpFile.ends[3])
  }

  @Test(arguments: [0x01, 0x20, 0x80, 0xff] as [UInt8])
  func `one changed byte is noticed wherever it is`(_ mask: UInt8) throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let whole = try DumpFile.write(DumpFile.batches, to: path)
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= mask
      let (blocks, error) = try DumpFile.read(bytes, at: path)
      let before = DumpFile.ends.count { $0 <= place }
      #expect(error != nil, "byte \(place)")
      #expect(blocks == Array(DumpFile.blocks[..<before]), "byte \(place)")
    }
  }

  @Test func `what follows the closing block is not passed over`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let whole = try DumpFile.write(DumpFile.batches, to: path)
    let (blocks, error) = try DumpFile.read(whole + whole, at: path)
    #expect(blocks == DumpFile.blocks)
    #expect(
      error == .damaged(name: path, offset: whole.count, what: "something follows its end"))
  }

  @Test func `a block too long to be true is not read into memory`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bytes = try DumpFile.write(DumpFile.batches, to: path)
    let start = DumpFile.ends[0]
    bytes.store(UInt32(16 << 20) + 8, at: start + 4)
    #expect(
      try DumpFile.read(bytes, at: path).error
        == .damaged(name: path, offset: start, what: "a block of 16777224 bytes"))
  }

  @Test func `a damaged record inside a whole block is placed at its block`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bad = DumpFile.batches[1]
    bad.store(UInt32(17), at: 4)
    _ = try DumpFile.write([DumpFile.batches[0], bad], to: path)
    var source = DumpSource(try .reading(path))
    var batch = RecordBatch()
    while try source.next(into: &batch) == .records, batch.count != bad.count {}
    let error = WireError.badSize(size: 17, offset: 0)
    #expect(
      source.damage(error)
        == .damaged(name: path, offset: DumpFile.ends[1], what: "\(error)"))
  }
}

// MARK: - Not a dump, or not ours

extension DamagedDumpTests {
  private static let notDumps = [
    "", "\u{7f}ELF", "type=SYSCALL msg=audit(1.000:1): arch=c000003e syscall=272\n",
    "NSD\r\n\u{1a}\n and more than a header's twenty-four bytes",
  ]

  @Test(arguments: notDumps)
  func `a file that is no dump is said to be none`(_ contents: String) throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let (blocks, error) = try DumpFile.read(Array(contents.utf8), at: path)
    #expect(blocks.isEmpty)
    #expect(error == .notADump(name: path))
  }

  /// As a transfer in text mode leaves it.
  @Test func `a dump whose line ends were changed is no dump`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bytes = try DumpFile.write(DumpFile.batches, to: path)
    bytes.remove(at: 4)
    #expect(try DumpFile.read(bytes, at: path).error == .notADump(name: path))
  }

  @Test func `a newer major version is refused before anything else is believed`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bytes = try DumpFile.write(DumpFile.batches, to: path)
    bytes.store(UInt16(2), at: 8)
    #expect(try DumpFile.read(bytes, at: path).error == .newerVersion(name: path, major: 2))
  }

  @Test func `a dump of the other byte order is refused`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    var bytes = try DumpFile.write(DumpFile.batches, to: path)
    bytes.replaceSubrange(8..<20, with: [0, 1, 0, 0, 1, 2, 3, 4, 0, 0, 0, bytes[16]])
    #expect(try DumpFile.read(bytes, at: path).error == .otherByteOrder(name: path))
  }

  @Test func `a directory is unreadable`() throws {
    let scratch = try ScratchDirectory()
    let (blocks, error) = try DumpFile.read(scratch.path)
    #expect(blocks.isEmpty)
    #expect(error == .unreadable(SystemError("read \(scratch.path)", errno: EISDIR)))
    #expect(error.map { "\($0)" } == "cannot read \(scratch.path): Is a directory")
  }

  @Test func `a missing file cannot be opened`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("none")
    let error = #expect(throws: SystemError.self) { try DumpFile.read(path) }
    #expect(error == SystemError("open \(path)", errno: ENOENT))
    #expect(error.map { "\($0)" } == "cannot open \(path): No such file or directory")
  }

  @Test(
    arguments: [
      (.notADump(name: "x"), "x is not a dump: give a file that nstrace --record wrote"),
      (
        .newerVersion(name: "x", major: 2),
        "x is a dump of version 2, this nstrace reads up to 1: replay it with a newer nstrace"
      ),
      (
        .otherByteOrder(name: "x"),
        "x was recorded on a machine of the other byte order: replay it on one like that"
      ),
      (
        .truncated(name: "x", offset: 272),
        "x ends in the middle, at byte 272: the recording was cut off; "
          + "everything before that was read"
      ),
      (
        .damaged(name: "x", offset: 272, what: "a checksum does not match"),
        "x is damaged at byte 272 (a checksum does not match): everything before that was read"
      ),
    ] as [(DumpError, String)])
  func `an error is one sentence`(_ error: DumpError, _ sentence: String) {
    #expect("\(error)" == sentence)
  }
}
