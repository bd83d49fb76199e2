// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// Lines are read back as a stranger would read them.
@Suite struct PrintedRecordTests {
  private static func audit(_ line: String) -> PrintedRecord? {
    PrintedRecord(auditLine: Array(line.utf8)[...])
  }

  private static func json(_ line: String) -> PrintedRecord? {
    PrintedRecord(jsonLine: Array(line.utf8)[...])
  }

  private static let head = "type=NS_CREATE msg=audit(1.234:17): "

  @Test func `an audit line is a type, a serial and fields`() throws {
    let record = try #require(
      Self.audit(Self.head + #"op=unshare ino=4026532281 dev=00:04 comm="a=b c" contid=4,^2 res=1"#)
    )
    #expect(record.type == .nsCreate)
    #expect(record.serial == 17)
    #expect(record.word("op") == "unshare")
    #expect(record.number("ino") == 4_026_532_281)
    #expect(record.device("dev") == 4)
    #expect(record.string("comm") == Array("a=b c".utf8))
    #expect(record.list("contid")?.description == "4,^2")
    #expect(record.boolean("res") == true)
    #expect(record["old-ino"] == nil)
  }

  @Test func `a number may stand in quotes`() throws {
    let record = try #require(Self.audit(Self.head + #"old-ino="4026531838" ino=4026531838"#))
    #expect(record.number("old-ino") == record.number("ino"))
    #expect(record.signed("old-ino") == 4_026_531_838)
  }

  @Test func `hexadecimal is text only in fields that are text`() throws {
    let record = try #require(Self.audit(Self.head + "name=612062 opid=612062"))
    #expect(record.string("name") == Array("a b".utf8))
    #expect(record.number("opid") == 612_062)
  }

  @Test func `a number has a sign where it has one`() throws {
    let record = try #require(
      Self.audit(Self.head + "exit=-1 a0=ffffffffffffffff big=99999999999999999999"))
    #expect(record.signed("exit") == -1)
    #expect(record.number("exit") == nil)
    #expect(record.number("a0", radix: 16) == .max)
    #expect(record.number("big") == nil)
    #expect(record.signed("big") == nil)
  }

  @Test func `what stands in msg is read like the rest`() throws {
    let record = try #require(
      Self.audit(
        #"type=VIRT_CONTROL msg=audit(1.234:17): pid=1 msg='virt=lxc op=start vm="x" res=success'"#)
    )
    #expect(record.word("op") == "start")
    #expect(record.string("vm") == Array("x".utf8))
    #expect(record.boolean("res") == true)
  }

  @Test(
    arguments: [
      "", "op=a", "type=NS_CREATE", "type=NS_CREATE msg=audit(1.234:17): ",
      "type=NS_NOTHING msg=audit(1.234:17): op=a", "type=NS_CREATE msg=audit(1.234:x): op=a",
      head + "op", head + "op=a  res=1", head + "op=a ", head + #"op="a"#, head + #"op="a"b res=1"#,
      head + "op=a op=b", head + "msg='op=a", head + "=a",
    ])
  func `what no reader could read is no record`(_ line: String) {
    #expect(Self.audit(line) == nil)
  }

  @Test func `an object of JSON has the same fields`() throws {
    let record = try #require(
      Self.json(
        #"{"type":"NS_CREATE","serial":17,"op":"unshare","ino":4026532281,"old_ino":null,"dev":"00:04","#
          + #""comm":"a\"\\\u0007é","contid":["4","2"],"ns_contid":[],"exit":-1,"res":true}"#))
    #expect(record.type == .nsCreate)
    #expect(record.serial == 17)
    #expect(record.word("op") == "unshare")
    #expect(record.number("ino") == 4_026_532_281)
    #expect(record.number("old-ino") == nil)
    #expect(record.device("dev") == 4)
    #expect(record.string("comm") == Array("a\"\\\u{7}é".utf8))
    #expect(record.list("contid")?.description == "4,2")
    #expect(record.list("ns-contid") == ContainerList())
    #expect(record.signed("exit") == -1)
    #expect(record.boolean("res") == true)
  }

  @Test(
    arguments: [
      "", "{}", #"{"type":"NS_CREATE"}"#, #"{"type":"NS_CREATE","serial":17"#,
      #"{"type":"NS_CREATE","serial":17}}"#, #"{"type":"NS_CREATE","serial":17,"op":}"#,
      #"{"type":"NS_CREATE","serial":17,"op":"a}"#, #"{"type":"NS_CREATE","serial":17,"op":"\x"}"#,
      #"{"type":"NS_CREATE","serial":17,"op":"a","op":"b"}"#, #"{"type":"NS_CREATE","serial":1.5}"#,
      #"{"type":"NS_CREATE","serial":17,"op":["a"}"#,
      #"{"type":"NS_CREATE","serial":17,"op":"\ud800"}"#,
    ])
  func `what is no such object is no record`(_ line: String) {
    #expect(Self.json(line) == nil)
  }

  @Test func `every event of the golden dumps is read alike in both spellings`() throws {
    for position in Position.allCases {
      for name in ["linux-6.1", "linux-6.12", "containers-6.12"] {
        var events = 0
        var scribe = Scribe()
        var tracker = EvidenceRecorder(under: position.policy, position.options) {
          let text = scribe.write($1)
          let audit = PrintedEvent.read(text.audit, as: .audit)
          let json = PrintedEvent.read(text.json, as: .json)
          events += audit.count
          #expect(audit.map(Self.words) == json.map(Self.words))
        }
        var order = EffectOrder()
        var source = DumpSource(try .reading(Fixture.path("\(name).nsdump")))
        var batch = RecordBatch()
        while try source.next(into: &batch) == .records { try order.process(batch, into: &tracker) }
        try order.release(into: &tracker)
        #expect(events > 10)
      }
    }
  }

  /// All that is read of an event, but for what JSON does not say.
  private static func words(_ event: PrintedEvent) -> String {
    let ids = event.mentions.map { ($0.containers.elements.map(\.id), $0.session) }
    return """
      \(event.serial) \(event.call?.number("a1", radix: 16) ?? 0) \(event.call?.signed("exit") ?? 0) \
      \(event.namespaces.map(\.line).map { $0.replacing("^", with: "") }) \(event.devices) \
      \(event.info.map { "\($0.tid) \($0.inums) \($0.noNewPrivs) \($0.seccomp)" } ?? "") \
      \(event.containers.map(\.line).map { $0.replacing("^", with: "") }) \(ids) \(event.sessions) \
      \(event.lifecycle.map { "\($0)" } ?? "") \(event.isLoss)
      """
  }
}
