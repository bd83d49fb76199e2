// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

@Suite struct DamagedRecordTests {
  private static let fork = WireSample.all[0].bytes

  @Test func `a stream cut anywhere gives the records before the cut and its place`() {
    let stream = WireSample.all.flatMap(\.bytes)
    var start = 0
    for (whole, sample) in WireSample.all.enumerated() {
      let expected = WireSample.all[..<whole].map { $0.received() }
      for length in 0..<sample.bytes.count {
        let (records, error) = ReceivingHandler.decode(Array(stream[..<(start + length)]))
        let size = length < 16 ? UInt32(length) : UInt32(sample.bytes.count)
        #expect(records == expected)
        #expect(error == (length == 0 ? nil : .badSize(size: size, offset: start)))
      }
      start += sample.bytes.count
    }
    #expect(start == stream.count)
  }

  @Test(arguments: WireSample.all)
  func `a record shorter than its kind is damage, whatever its size says`(_ sample: WireSample) {
    for size in stride(from: 16, to: sample.bytes.count, by: 8) {
      var record = Array(sample.bytes[..<size])
      record.store(UInt32(size), at: 4)
      let (records, error) = ReceivingHandler.decode(Self.fork + record + Self.fork)
      let kind = UInt16(record[0])
      #expect(error == .badRecord(kind: kind, offset: Self.fork.count))
      #expect(records == [WireSample.all[0].received()])
    }
  }

  @Test(
    arguments: [
      0, 1, 7, 8, 15, 17, 20, 23, 36, 39, 41, 44, 47, 0x7fff_fff8, 0x8000_0000, 0xffff_fff8,
      0xffff_ffff,
    ] as [UInt32])
  func `a size that cannot be is damage`(_ size: UInt32) {
    var record = Self.fork
    record.store(size, at: 4)
    let (records, error) = ReceivingHandler.decode(Self.fork + record + Self.fork)
    #expect(error == .badSize(size: size, offset: Self.fork.count))
    #expect(records == [WireSample.all[0].received()])
  }

  @Test func `a size beyond the batch is damage, up to its end is not`() {
    var last = Self.fork
    last.store(UInt32(last.count + 8), at: 4)
    #expect(ReceivingHandler.decode(last).error == .badSize(size: 48, offset: 0))
    let longer = last + [UInt8](repeating: 0xee, count: 8)
    #expect(ReceivingHandler.decode(longer).error == nil)
  }

  @Test func `a record larger than any may be is damage even where there is room`() {
    var record = Self.fork + [UInt8](repeating: 0, count: 4096)
    record.store(UInt32(2056), at: 4)
    #expect(ReceivingHandler.decode(record).error == .badSize(size: 2056, offset: 0))
    record.store(UInt32(2048), at: 4)
    #expect(ReceivingHandler.decode(Array(record[..<2048])).error == nil)
  }

  @Test(arguments: [0, 11, 63, 81, 0x0101, 0xffff] as [UInt16], [16, 24, 2048])
  func `a kind of a later version is skipped by its size`(_ kind: UInt16, _ size: Int) {
    var record = [UInt8](repeating: 0xa5, count: size)
    record.store(kind, at: 0)
    record.store(UInt32(size), at: 4)
    let (records, error) = ReceivingHandler.decode(record + Self.fork)
    #expect(error == nil)
    #expect(records.map(\.kind) == [kind, NST_KIND_FORK.rawValue])
    #expect(records.first?.bytes == Array(record[..<16]))
    #expect(records.last == WireSample.all[0].received())
  }

  @Test func `members that a later version added are skipped`() {
    for sample in WireSample.all where sample.received().texts.isEmpty {
      let size = sample.bytes.count + 16
      var record = sample.bytes + [UInt8](repeating: 0xee, count: 16)
      record.store(UInt32(size), at: 4)
      var expected = sample.received()
      expected.bytes.store(UInt32(size), at: 4)
      let (records, error) = ReceivingHandler.decode(record + Self.fork)
      #expect(error == nil)
      #expect(records == [expected, WireSample.all[0].received()])
    }
  }

  @Test func `an error says where the damage is`() {
    #expect(
      "\(WireError.badSize(size: 17, offset: 40))"
        == "a record of 17 bytes at offset 40 of its block does not fit: the data are damaged")
    #expect(
      "\(WireError.badRecord(kind: 3, offset: 40))"
        == "the record of kind 3 at offset 40 of its block is too short: the data are damaged")
  }
}

// MARK: - Texts

extension DamagedRecordTests {
  /// Where a text's length stands in each record.
  private static let lengths: [(kind: nst_kind, offset: Int)] = [
    (NST_KIND_TASK, MemoryLayout<nst_task>.offset(of: \.exe_bytes)!),
    (NST_KIND_CLONE, MemoryLayout<nst_clone>.offset(of: \.call.proctitle_bytes)!),
    (NST_KIND_SWITCH, MemoryLayout<nst_switch>.offset(of: \.call.proctitle_bytes)!),
    (NST_KIND_EXEC, MemoryLayout<nst_exec>.offset(of: \.exe_bytes)!),
    (NST_KIND_EXEC, MemoryLayout<nst_exec>.offset(of: \.call.proctitle_bytes)!),
    (NST_KIND_HOST, MemoryLayout<nst_host>.offset(of: \.release_bytes)!),
    (NST_KIND_HOST, MemoryLayout<nst_host>.offset(of: \.hostname_bytes)!),
    (NST_KIND_HOST, MemoryLayout<nst_host>.offset(of: \.version_bytes)!),
  ]

  @Test(arguments: lengths.indices)
  func `a text longer than its record is damage`(_ index: Int) throws {
    let (kind, offset) = Self.lengths[index]
    let sample = try #require(
      WireSample.all.first { UInt16($0.bytes[0]) == kind.rawValue })
    let length = UInt16(sample.bytes[offset]) | UInt16(sample.bytes[offset + 1]) << 8
    let room = length + UInt16(sample.bytes.count - sample.bareBytes)
    for bad in [room + 1, room + 8, 0x7fff, 0x8000, 0xffff] {
      var record = sample.bytes
      record.store(bad, at: offset)
      let (records, error) = ReceivingHandler.decode(record + Self.fork)
      #expect(error == .badRecord(kind: kind.rawValue, offset: 0))
      #expect(records.isEmpty)
    }
  }

  @Test func `lengths that add up to more than their type holds are damage`() throws {
    let sample = try #require(WireSample.all.first { $0.testDescription == "host" })
    for (release, hostname) in [(0xffff, 0xffff), (0x8000, 0x8000), (0, 0xffff)] {
      var record = sample.bytes
      record.store(UInt16(release), at: Self.lengths[5].offset)
      record.store(UInt16(hostname), at: Self.lengths[6].offset)
      #expect(
        ReceivingHandler.decode(record).error
          == .badRecord(kind: NST_KIND_HOST.rawValue, offset: 0))
    }
  }
}
