// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Events of the kernel's audit as audit lines.
@Suite struct KernelEventLineTests {
  private static let numbers = AuditLineFormat(
    spelling: .numbers(base: RecordType.defaultBase))
  private static let stamp = KernelEvent.stamp

  private static func texts(_ event: KernelEvent) -> [String] {
    AuditLineFormat().lines(of: event).map { $0.replacing(" \(stamp)", with: "") }
  }

  @Test func `containers stand before the record that closes the event`() {
    #expect(
      AuditLineFormat().lines(of: .executed) == [
        "type=SYSCALL \(Self.stamp) \(KernelEvent.call)",
        "type=EXECVE \(Self.stamp) argc=1 a0=\"sh\"",
        "type=CONTAINER_ID \(Self.stamp) record=\"1\" contid=\"42\" rel=member",
        "type=CONTAINER_ID \(Self.stamp) record=\"2\" contid=\"7,^1\" cses=\"3\" rel=inside",
        "type=PROCTITLE \(Self.stamp) proctitle=7368",
      ])
  }

  @Test func `numbers spell nstrace's own type only`() {
    #expect(
      Self.numbers.lines(of: .login) == [
        "type=UNKNOWN[1394] \(Self.stamp) record=\"1\" contid=\"42\" rel=member",
        "type=USER_LOGIN \(Self.stamp) pid=1 uid=0 msg='op=login acct=\"root\" res=success'",
      ])
  }

  @Test func `without a record that closes the event they are the last`() {
    let event = KernelEvent.make(
      (1400, "avc:  denied  { read } for  pid=1"), (1423, "domain=1"), mentions: [.member("42")])
    #expect(
      Self.texts(event) == [
        "type=AVC avc:  denied  { read } for  pid=1", "type=UNKNOWN[1423] domain=1",
        "type=CONTAINER_ID record=\"1\" contid=\"42\" rel=member",
      ])
  }

  @Test func `an event of the host has its own records only`() {
    #expect(Self.texts(.make((1305, "op=set audit_enabled=1"))).count == 1)
    #expect(AuditLineFormat().lines(of: .make(mentions: [.member("42")])) == [])
  }

  @Test func `an empty text is a line`() {
    #expect(AuditLineFormat().lines(of: .make((1300, ""))) == ["type=SYSCALL \(Self.stamp) "])
  }

  @Test func `a message makes no line of its own`() {
    let forged = "msg='x\ntype=UNKNOWN[1394] msg=audit(1.000:1): record=\"1\" contid=\"9\"\r\u{7f}'"
    #expect(
      Self.texts(.make((1112, forged))) == [
        #"type=USER_LOGIN msg='x\x0Atype=UNKNOWN[1394] msg=audit(1.000:1): record="1" "#
          + #"contid="9"\x0D\x7F'"#
      ])
  }

  /// As the format does it eight bytes at a time.
  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      if byte >= 0x20 && byte != 0x7f { return [byte] }
      let digits = Array("0123456789ABCDEF".utf8)
      return [
        UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)],
      ]
    }
  }

  private static func line(of bytes: [UInt8], keeping: Bool = false) -> [UInt8] {
    var event = KernelEvent.make()
    event.append(1319, bytes)
    var format = AuditLineFormat()
    format.keepsInterpretations = keeping
    var text = TextBuffer()
    format.write(event, to: &text)
    return text.bytes
  }

  @Test func `each control byte in each place is escaped, and no other byte`() {
    let head = Array("type=TTY \(Self.stamp) ".utf8)
    for byte in UInt8.min ... .max {
      for place in 0..<18 {
        var bytes = [UInt8](repeating: 0xe4, count: 17)
        bytes.insert(byte, at: place)
        #expect(Self.line(of: bytes) == head + Self.escaped(bytes) + [0x0a])
      }
    }
    let all = [UInt8](repeating: 0x1f, count: 8970)
    #expect(Self.line(of: all) == head + Self.escaped(all) + [0x0a])
    let none = [UInt8](repeating: 0x20, count: 8970)
    #expect(Self.line(of: none) == head + none + [0x0a])
  }

  @Test func `interpretations stay readable where auditd wrote them`() {
    let head = Array("type=TTY \(Self.stamp) ".utf8)
    let enriched = Array("uid=0 msg='a\u{1d}b'\u{1d}UID=\"root\"".utf8)
    let escaped = Array("uid=0 msg='a\\x1Db'\u{1d}UID=\"root\"\n".utf8)
    #expect(Self.line(of: enriched, keeping: true) == head + escaped)
    #expect(Self.line(of: enriched) == head + Self.escaped(enriched) + [0x0a])
    let forged = Array("uid=0 msg='a\u{1d}UID=\"root\"'".utf8)
    #expect(Self.line(of: forged, keeping: true) == head + Self.escaped(forged) + [0x0a])
  }

  @Test func `the library gives the same text`() {
    var text = EventText(.audit)
    #expect(
      text.text(of: KernelEvent.login)
        == AuditLineFormat().lines(of: .login).map { $0 + "\n" }.joined())
  }
}
