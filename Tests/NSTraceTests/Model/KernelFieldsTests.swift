// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct KernelFieldsTests {
  private static let userLogin = KernelRecordType(1112)

  /// `name|value`, a quoted one as `name|"value"`, a message as `name|'value'`, a word as `|word`.
  private static func tokens(_ bytes: [UInt8], of type: KernelRecordType = userLogin) -> [String] {
    var tokens: [String] = []
    var rest = KernelFields(bytes.indices, of: type)
    while let token = rest.nextToken(in: bytes.span) { tokens.append(spelled(token, bytes)) }
    return tokens
  }

  private static func spelled(_ token: KernelField, _ bytes: [UInt8]) -> String {
    let name = String(decoding: bytes[token.name], as: UTF8.self)
    let value = String(decoding: bytes[token.value], as: UTF8.self)
    return switch token.form {
    case .bare, .word: "\(name)|\(value)"
    case .quoted: "\(name)|\"\(value)\""
    case .message: "\(name)|'\(value)'"
    }
  }

  @Test(arguments: [
    ("", []), ("   ", []), ("a=1", ["a|1"]), ("a=", ["a|"]), ("a= b=2", ["a|", "b|2"]),
    (" a=1  b=\"x y\" c=(null)", ["a|1", "b|\"x y\"", "c|(null)"]),
    ("=1 a", ["|=1", "|a"]), ("a=b=c", ["a|b=c"]),
    (
      "avc:  denied  { read } for  pid=1 comm=\"x\"",
      ["|avc:", "|denied", "|{", "|read", "|}", "|for", "pid|1", "comm|\"x\""]
    ),
    ("a=\"x\"pid=2 b=1", ["a|\"x\"", "|pid=2", "b|1"]),
    ("comm=\"sh", ["comm|\"sh\""]), ("comm=\"", ["comm|\"\""]), ("comm=\"\"", ["comm|\"\""]),
    ("x='a b'", ["x|'a", "|b'"]),
    ("pid=1 msg='op=x y=\"z\"'", ["pid|1", "msg|'op=x y=\"z\"'"]),
    ("msg='a' pid=2 msg='b'", ["msg|'a' pid=2 msg='b'"]), ("msg=''", ["msg|''"]),
    ("msg='it's cut", ["msg|'it's cut'"]), ("msg='", ["msg|''"]), ("msg=x'y'", ["msg|x'y'"]),
    (
      "uid=0 msg='a'\u{1d}UID=\"root\" AUID=\"unset\"",
      ["uid|0", "msg|'a'", "UID|\"root\"", "AUID|\"unset\""]
    ),
    ("key=(null)\u{1d}ARCH=x86_64 UID=\"a b\"", ["key|(null)", "ARCH|x86_64", "UID|\"a b\""]),
    ("msg='x\u{1d}UID=\"a\"'", ["msg|'x\u{1d}UID=\"a\"'"]),
  ])
  func `a text is what audit wrote`(_ text: String, _ expected: [String]) {
    #expect(Self.tokens(Array(text.utf8)) == expected)
  }

  @Test func `a message has fields of its own, and no message`() {
    let bytes = Array("msg='op=x msg='a b' pid=2 acct=\"r t\"'".utf8)
    var rest = KernelFields(bytes.indices, of: Self.userLogin)
    let message = rest.next(in: bytes.span)
    var fields: [String] = []
    var inside = message.map(KernelFields.init(message:)) ?? KernelFields(0..<0, of: Self.userLogin)
    while let field = inside.next(in: bytes.span) { fields.append(Self.spelled(field, bytes)) }
    #expect(fields == ["op|x", "msg|'a", "pid|2", "acct|\"r t\""])
    #expect(rest.nextToken(in: bytes.span) == nil)
  }

  @Test(
    arguments: [
      (KernelEvent.call, 4242), ("ppid=1 opid=2 pid=3", 3), ("pid=4 pid=5", 4),
      ("avc:  denied  { read } for  pid=6 comm=\"x\"", 6), ("comm=\" pid=7 \" pid=8", 8),
      ("comm=20706964003D39 pid=9", 9), ("msg='pid=1'", nil), ("msg='a' pid=1", nil),
      ("uid=0 msg='x' pid=1 '", nil), ("pid=", nil), ("pid=x", nil), ("pid=\"1\" pid=2", nil),
      ("pid=4294967295", 4_294_967_295), ("pid=4294967296", nil), ("pid=00000000001", nil),
      ("pid =1", nil), ("xpid=1", nil), ("pid=-1", nil), ("", nil), ("pid", nil),
      ("a=\"b\"pid=1 pid=2", 2),
    ] as [(String, UInt32?)])
  func `the process is the first that the kernel names`(_ text: String, _ expected: UInt32?) {
    #expect(KernelFields.pid(of: Array(text.utf8).span, type: Self.userLogin) == expected)
  }

  /// Names of tables and devices stand in records as a process chose them.
  @Test(
    arguments: [
      (1325, "table=x pid=7 z:3 family=2 entries=1 op=nft_register_table pid=42 comm=\"x\"", 42),
      (1325, "table=x\u{1d}pid=7 comm=\"y family=2 pid=42 subj=u comm=\"x\"", 42),
      (1325, "table=x msg='pid=7 family=2 pid=42 comm=\"x\"", 42),
      (1700, "dev=x\u{1d}pid=7 prom=256 old_prom=0 auid=1 uid=0 gid=0 ses=1", nil),
      (1334, "prog-id=1 op=LOAD pid=7", nil), (1399, "pid=7", nil), (1300, "ppid=1 pid=7", 7),
      (1326, "auid=1 ses=1 pid=7 comm=\"x\"", 7), (1006, "pid=7 uid=0", 7), (2999, "pid=7", 7),
    ] as [(UInt16, String, UInt32?)])
  func `the kernel's own number is known by the type`(
    _ type: UInt16, _ text: String, _ expected: UInt32?
  ) {
    let pid = KernelFields.pid(of: Array(text.utf8).span, type: KernelRecordType(type))
    #expect(pid == expected)
  }

  @Test(
    arguments: [
      (1700, "dev=\"q prom=256 auid=1", ["dev|\"q", "prom|256", "auid|1"]),
      (1700, "dev=q\u{1d}x prom=256", ["dev|q\u{1d}x", "prom|256"]),
      (1325, "table=x msg='a b\" pid=1", ["table|x", "msg|'a", "|b\"", "pid|1"]),
      (1326, "msg='a b'", ["msg|'a", "|b'"]), (1300, "comm=\"a b\"", ["comm|\"a b\""]),
    ] as [(UInt16, String, [String])])
  func `where nothing is quoted, and where no user space wrote, only spaces count`(
    _ type: UInt16, _ text: String, _ expected: [String]
  ) {
    #expect(Self.tokens(Array(text.utf8), of: KernelRecordType(type)) == expected)
  }

  /// The only field's value as bytes.
  private static func value(_ text: String, of type: UInt16 = 1300) -> [UInt8] {
    let bytes = Array(text.utf8)
    var rest = KernelFields(bytes.indices, of: KernelRecordType(type))
    return rest.next(in: bytes.span)?.bytes(in: bytes.span, of: KernelRecordType(type)) ?? []
  }

  @Test(
    arguments: [
      ("comm=6120226200FF", 1300, [0x61, 0x20, 0x22, 0x62, 0, 0xff]), ("comm=\"6120\"", 1300, nil),
      ("comm=612", 1300, nil), ("comm=6a", 1300, nil), ("comm=", 1300, nil), ("comm=6G", 1300, nil),
      ("a0=40", 1300, nil), ("a0=40", 1309, [0x40]), ("a12[3]=40", 1309, [0x40]),
      ("a0_len=40", 1309, nil), ("a=40", 1309, nil), ("pid=40", 1300, nil),
      ("proctitle=6100", 1327, [0x61, 0]), ("key=610162", 1300, [0x61, 1, 0x62]),
      ("saddr=0100", 1306, nil), ("name=(null)", 1302, nil), ("exe=2F61", 1326, [0x2f, 0x61]),
    ] as [(String, UInt16, [UInt8]?)])
  func `only what audit encodes is decoded`(
    _ text: String, _ type: UInt16, _ decoded: [UInt8]?
  ) {
    let plain = text.split(separator: "=", omittingEmptySubsequences: false)[1]
      .filter { $0 != "\"" }
    #expect(Self.value(text, of: type) == decoded ?? Array(plain.utf8))
  }

  /// Every text ends, and no part of it stands outside of it or twice.
  @Test func `any bytes are taken apart`() {
    let alphabet = Array("a=\" '\u{1d}msgp(\u{0}\u{fe}".utf8)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      let type: UInt16 = [1112, 1325, 1700, 1300].randomElement(using: &random) ?? 1112
      var rest = KernelFields(bytes.indices, of: KernelRecordType(type))
      var end = 0
      while let token = rest.nextToken(in: bytes.span) {
        #expect(token.name.lowerBound >= end && token.value.lowerBound >= token.name.upperBound)
        end = token.value.upperBound
      }
      #expect(end <= bytes.count, "\(bytes)")
    }
  }
}
