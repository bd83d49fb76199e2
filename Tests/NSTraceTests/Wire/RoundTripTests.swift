// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

@Suite struct RoundTripTests {
  @Test(arguments: WireSample.all)
  func `a record is encoded as the wire has it`(_ sample: WireSample) {
    var encoder = RecordEncoder()
    sample.encode(&encoder)
    #expect(encoder.bytes == sample.bytes)
  }

  @Test(arguments: WireSample.all)
  func `a record is received as it was sent`(_ sample: WireSample) {
    let (records, error) = ReceivingHandler.decode(sample.bytes)
    #expect(error == nil)
    #expect(records == [sample.received()])
  }

  @Test func `there is a sample of every kind`() {
    let kinds = Set(WireSample.all.map { UInt16($0.bytes[0]) | UInt16($0.bytes[1]) << 8 })
    #expect(kinds == Set(RecordKind.allCases.map(\.rawValue)))
  }

  @Test func `records come in the order of the stream, and are counted`() throws {
    let stream = WireSample.all.flatMap(\.bytes)
    #expect(ReceivingHandler.decode(stream).records == WireSample.all.map { $0.received() })
    var decoder = EventDecoder()
    var handler = ReceivingHandler()
    try decoder.decode(stream.span.bytes, into: &handler)
    try decoder.decode(stream.span.bytes, into: &handler)
    #expect(decoder.records == 2 * UInt64(WireSample.all.count))
  }

  /// The dump of another version is read by these bytes, so they are spelled out once.
  @Test func `a fork is these 40 bytes`() {
    var encoder = RecordEncoder()
    encoder.append(
      nst_fork.make(.make(0x0102, tgid: 0x0304, startNs: 0x05), of: 0x0607, at: 0x08))
    #expect(
      encoder.bytes == [
        1, 0, 0, 0, 40, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0,
        5, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 4, 3, 0, 0,
        7, 6, 0, 0, 0, 0, 0, 0,
      ])
  }

  @Test(arguments: 0...9) func `a record is filled up to a multiple of 8`(_ extra: Int) {
    let exe = [UInt8](repeating: 0x61, count: extra)
    var encoder = RecordEncoder()
    encoder.append(nst_task.make(at: 1), exe: exe)
    let bare = MemoryLayout<nst_task>.size + extra
    #expect(encoder.bytes.count == (bare + 7) / 8 * 8)
    #expect(encoder.bytes[bare...].allSatisfy { $0 == 0 })
    #expect(ReceivingHandler.decode(encoder.bytes).records.map(\.texts) == [[exe]])
  }

  @Test func `an encoder that has forgotten its records begins anew`() {
    var encoder = RecordEncoder()
    WireSample.all[2].encode(&encoder)
    encoder.removeAll()
    WireSample.all[0].encode(&encoder)
    #expect(encoder.bytes == WireSample.all[0].bytes)
  }

  @Test func `the largest record fits`() {
    let exe = [UInt8](repeating: 0x2f, count: Int(NST_PATH_BYTES))
    let proctitle = [UInt8](repeating: 0x70, count: Int(NST_PROCTITLE_BYTES))
    var encoder = RecordEncoder()
    encoder.append(nst_exec.make(at: 1), exe: exe, proctitle: proctitle)
    #expect(ReceivingHandler.decode(encoder.bytes).records.map(\.texts) == [[exe, proctitle]])
  }

  @Test func `a record larger than any may be stops its writer`() async {
    await #expect(processExitsWith: .failure) {
      var encoder = RecordEncoder()
      encoder.append(nst_task.make(at: 1), exe: [UInt8](repeating: 0, count: 2048))
    }
  }
}
