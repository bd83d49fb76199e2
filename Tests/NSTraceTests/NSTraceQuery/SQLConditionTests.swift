// SPDX-License-Identifier: Apache-2.0

import NSTrace
import Testing

@testable import NSTraceQuery

/// What `--where` takes and what it refuses.
@Suite struct SQLConditionTests {
  private static let record = #"""
    {"type":"NS_CREATE","time":"2026-11-25T10:00:00.000000000Z","serial":7,"op":"unshare","ino":42,"uid":0,\#
    "comm":"a\"b\\,\"uid\":7\u0009x","contid":["1","2"],"res":true,"pinned":null}
    """#.replacing("\\\n", with: "").replacing("\n", with: "")

  private static func refusal(of expression: String) -> String? {
    do throws(QueryError) {
      _ = try SQLCondition(expression)
      return nil
    } catch {
      return error.description
    }
  }

  private static func selects(
    _ expression: String, _ record: String = record, isKernel: Bool = false
  ) throws -> Bool {
    let condition = try SQLCondition(expression)
    let lines = RecordLines(own: 0..<record.utf8.count, isKernel: isKernel)
    let isSelected = Array(record.utf8).withUnsafeBytes { condition.selects(lines, in: $0) }
    #expect(condition.failure == nil)
    return isSelected
  }

  @Test(arguments: [
    "type = 'NS_CREATE'", "type = \"NS_CREATE\"", "op IN (\"exit\", \"unshare\")",
    "op IS NOT \"x\"",
    "\"op\" = \"unshare\"", "OP like \"un%\"", "uid = 0", "uid = '0'", "res", "res = true",
    "ino = 42",
    "[ino] = 42", "`ino` between 1 and 42", "contid = '1,2'", "contid like '%2'", "pinned is null",
    "nsid is null", "syscall is null", "serial % 2", "time < '2026-11-25T11'", "not (uid)",
    "comm = 'a\"b\\,\"uid\":7' || char(9) || 'x'", "length(comm) = 14", "max(uid, 5) = 5",
    "case when uid = 0 then 1 else 0 end", "uid in (0, 5)", "1e+1 = 10", "0x2a = ino",
    "x'61' is not null",
    "cast(ino as text) = '42'", "op glob 'un*' collate nocase", "ino -1 = 41",
  ])
  func `an expression is true of a record`(_ expression: String) throws {
    #expect(try Self.selects(expression))
  }

  @Test(arguments: [
    "0", "null", "'x'", "uid", "pinned", "op = 'exit'", "op = \"exit\"", "uid = 7", "contid = '1'",
    "nsid",
  ])
  func `an expression is not true of a record`(_ expression: String) throws {
    #expect(try !Self.selects(expression))
  }

  @Test(
    arguments: [
      ("nstyp = 'user'", 1, "there is no field 'nstyp': did you mean nstype?"),
      ("\"nstyp\" = 'user'", 1, "there is no field 'nstyp': did you mean nstype?"),
      ("uid = 0 and 'é' <> \"usr\" = 1", 20, "there is no field 'usr'"),
      ("lower(\"comn\") = 'x'", 7, "there is no field 'comn': did you mean comm?"),
      ("rowid = 0", 1, "there is no field 'rowid'"),
      ("\"user\"", 1, "there is no field 'user'"),
      ("uid = = 0", 7, "near \"=\": syntax error"),
      ("1) UNION SELECT (1", 2, "this bracket closes none"),
      ("1) OR (1", 2, "this bracket closes none"),
      ("(1", 1, "this bracket is not closed"),
      ("1 --", 3, "an expression has no comments"), ("1 /* x", 3, "an expression has no comments"),
      ("1; DROP TABLE record", 2, "one expression is expected, without ;"),
      ("uid = (SELECT 1)", 8, "an expression about one record has no SELECT"),
      ("exists (values (1))", 1, "an expression about one record has no EXISTS"),
      ("uid in record", 5, "IN needs a list"), ("uid in sqlite_master", 5, "IN needs a list"),
      ("uid in pragma_table_list()", 5, "IN needs a list"),
      ("uid = ?1", 7, "nothing gives a value"),
      ("'x", 1, "the quote that begins here has no end"),
      ("count(*) > 0", 1, "not authorized to use function: count"),
      ("max(uid) = 0", nil, "misuse of aggregate"),
      ("row_number() over () = 1", 14, "has no OVER"),
      ("load_extension('x.so')", nil, "not authorized"),
      ("length(randomblob(1000000000)) > 0", nil, "not authorized to use function: randomblob"),
      ("length(zeroblob(1000000000)) > 0", nil, "not authorized to use function: zeroblob"),
      ("printf('%1000000d', 1) = ''", nil, "not authorized to use function: printf"),
      ("random() > 0", nil, "not authorized to use function: random"),
      ("readfile('/etc/passwd') = ''", nil, "no such function: readfile"),
      ("time('now') = ''", nil, "not authorized to use function: time"),
      ("raise(ignore)", 1, "has no RAISE"), ("ATTACH 'x' AS y", nil, "syntax error"),
      ("PRAGMA journal_mode", nil, "syntax error"), ("1 GROUP BY 1", nil, "syntax error"),
      ("1 LIMIT 1", nil, "syntax error"), ("", nil, "the expression is empty"),
      (" ", nil, "the expression is empty"), ("uid = 0\0", 8, "a byte of 0 is no text"),
      ("comm MATCH 'x'", nil, "not authorized to use function: MATCH"),
      ("comm REGEXP 'x'", nil, "no such function: REGEXP"),
      ("record.uid.x", nil, "there is no field 'record.uid.x'"),
    ] as [(String, Int?, String)])
  func `what is no expression about a record is refused`(
    _ expression: String, _ position: Int?, _ why: String
  ) throws {
    let refusal = try #require(Self.refusal(of: expression))
    #expect(refusal.contains(why), "\(refusal)")
    if let position {
      #expect(refusal.hasPrefix("--where, at character \(position): "), "\(refusal)")
    }
  }

  @Test func `an expression has bounds`() throws {
    let long = try #require(Self.refusal(of: String(repeating: "1+", count: 9000) + "1"))
    #expect(long == "--where: the expression is longer than 16384 bytes")
    let deep = try #require(
      Self.refusal(
        of: String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)))
    #expect(deep.contains("depth") || deep.contains("overflow"), "\(deep)")
    #expect(Self.refusal(of: String(repeating: "1 or ", count: 100) + "uid = 0") == nil)
  }

  @Test func `a value that grows without end fails, and the record is selected`() throws {
    let grow = (0..<12).reduce("comm") { text, _ in "replace(\(text), 'a', 'aaaaaaaa')" }
    let condition = try SQLCondition("length(\(grow)) > 0")
    let record = Array(Self.record.utf8)
    let lines = RecordLines(own: 0..<record.count)
    for count in 1...3 {
      #expect(record.withUnsafeBytes { condition.selects(lines, in: $0) })
      #expect(condition.failures == UInt64(count))
    }
    #expect(condition.failure == "string or blob too big")
  }

  @Test func `a failure does not stop the records behind it`() throws {
    let condition = try SQLCondition("json_extract(comm, '$.x') = 1 or uid = 7")
    func selects(_ record: String) -> Bool {
      Array(record.utf8).withUnsafeBytes {
        condition.selects(RecordLines(own: 0..<$0.count), in: $0)
      }
    }
    #expect(selects(#"{"type":"X","comm":"no JSON","uid":0}"#))
    #expect(!selects(#"{"type":"X","comm":"{\"x\":2}","uid":0}"#))
    #expect(selects(#"{"type":"X","comm":"{\"x\":1}","uid":0}"#))
    #expect(selects(#"{"type":"X","comm":"{}","uid":7}"#))
    #expect(condition.failures == 1 && condition.failure == "malformed JSON")
  }

  @Test func `fields inside of the kernel's are not the record's`() throws {
    let record =
      #"{"type":"USER","serial":9,"source":"kernel","fields":{"uid":"0","text":"}","msg":{"text":"y","comm":"z"}},"text":"avc: x"}"#
    for expression in [
      "text = 'avc: x'", "uid is null", "comm is null", "fields ->> '$.uid' = '0'",
      "source = 'kernel'",
      "json_extract(fields, '$.msg.comm') = 'z'", "type = 'USER'", "serial = 9",
    ] {
      #expect(try Self.selects(expression, record, isKernel: true), "\(expression)")
    }
  }

  @Test func `other records of the event have the fields of the system call`() throws {
    let lines = [
      #"{"type":"SYSCALL","syscall":272,"ppid":5,"pid":6}"#, #"{"type":"NS_CREATE","uid":0}"#,
      #"{"type":"PROCTITLE","proctitle":"a b"}"#,
    ]
    let text = Array(lines.joined().utf8)
    let second = lines[0].utf8.count..<lines[0].utf8.count + lines[1].utf8.count
    let record = RecordLines(
      own: second, call: 0..<second.lowerBound, title: second.upperBound..<text.count)
    for (expression, isTrue) in [
      ("syscall = 272 and ppid = 5", true), ("proctitle = 'a b'", true), ("pid is null", true),
      ("mntns is null", true), ("type = 'NS_CREATE'", true), ("type = 'SYSCALL'", false),
    ] {
      let condition = try SQLCondition(expression)
      #expect(text.withUnsafeBytes { condition.selects(record, in: $0) } == isTrue, "\(expression)")
    }
  }

  @Test func `every field of the schema can be asked for, and no other`() throws {
    let schema = try JSONLines.object(Files.text(Repository.path("docs/records.schema.json")))
    let types = try #require(schema["$defs"] as? JSONLines.Object)
    var names: Set<String> = []
    for case let type as JSONLines.Object in types.values {
      names.formUnion((type["properties"] as? JSONLines.Object ?? [:]).keys)
    }
    #expect(Set(RecordField.all.map(\.name)) == names)
    for name in names { #expect(Self.refusal(of: "\(name) is null") == nil, "\(name)") }
  }
}
