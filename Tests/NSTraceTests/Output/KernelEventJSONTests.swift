// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Events of the kernel's audit as JSON Lines.
@Suite struct KernelEventJSONTests {
  private static let common =
    "\"time\":\"2026-11-26T02:35:20.030000000Z\",\"serial\":4711,\"source\":\"kernel\""

  /// What follows `"fields":` in the only record, which is about a process of the host.
  private static func fields(_ bytes: [UInt8], of type: UInt16 = 1300) -> String {
    var event = KernelEvent.make()
    event.append(type, bytes)
    let lines = JSONLinesFormat().lines(of: event)
    guard lines.count == 1, let range = lines[0].firstRange(of: "\"contid\":[],\"fields\":") else {
      return "\(lines)"
    }
    return String(lines[0][range.upperBound...].dropLast())
  }

  private static func fields(_ text: String, of type: UInt16 = 1300) -> String {
    fields(Array(text.utf8), of: type)
  }

  @Test func `each record is an object, with the containers of the event`() {
    let head = "\(Self.common),\"contid\":[\"42\"],\"cses\":3,\"fields\":"
    #expect(
      JSONLinesFormat().lines(of: .executed) == [
        "{\"type\":\"SYSCALL\",\(head){\"arch\":\"c000003e\",\"syscall\":\"59\",\"success\":\"yes\","
          + "\"exit\":\"0\",\"pid\":\"4242\",\"uid\":\"0\",\"comm\":\"sh\",\"exe\":\"/bin/sh\","
          + "\"key\":\"(null)\"}}",
        "{\"type\":\"EXECVE\",\(head){\"argc\":\"1\",\"a0\":\"sh\"}}",
        "{\"type\":\"CONTAINER_ID\",\(Self.common),\"record\":1,\"contid\":[\"42\"],"
          + "\"rel\":\"member\"}",
        "{\"type\":\"CONTAINER_ID\",\(Self.common),\"record\":2,\"contid\":[\"7\",\"1\"],\"cses\":3,"
          + "\"rel\":\"inside\"}",
        "{\"type\":\"PROCTITLE\",\(head){\"proctitle\":\"sh\"}}",
      ])
  }

  @Test func `a visitor of the host is in no container, and one that is not known in none at all`()
  {
    let visitor = KernelEvent.make((1305, "a=1"), mentions: [.inside("7", by: 3)])
    #expect(
      JSONLinesFormat().lines(of: visitor)[0]
        == "{\"type\":\"CONFIG_CHANGE\",\(Self.common),\"contid\":[],\"cses\":3,"
        + "\"fields\":{\"a\":\"1\"}}")
    #expect(
      JSONLinesFormat().lines(of: .make((1324, "mark=0x0"), isKnown: false)) == [
        "{\"type\":\"NETFILTER_PKT\",\(Self.common),\"fields\":{\"mark\":\"0x0\"}}"
      ])
  }

  @Test(arguments: [
    ("", "{}"), ("a=", #"{"a":""}"#), ("a=1 b=2 a=3 a=1", #"{"a":["1","3","1"],"b":"2"}"#),
    (
      #"pid=1 msg='op=login acct="root" hostname=? res=success'"#,
      #"{"pid":"1","msg":{"op":"login","acct":"root","hostname":"?","res":"success"}}"#
    ),
    (
      #"avc:  denied  { read } for  pid=1 comm="cat" ino=3"#,
      #"{"pid":"1","comm":"cat","ino":"3"},"text":"avc: denied { read } for""#
    ),
    ("pid=1 msg='hello world'", #"{"pid":"1","msg":{}},"text":"hello world""#),
    ("comm=6120623D63 a0=40 exe=6", #"{"comm":"a b=c","a0":"40","exe":"6"}"#),
    ("key=610162", #"{"key":["a","b"]}"#), ("key=\"a\"", #"{"key":"a"}"#),
    ("key=610162 key=63", #"{"key":["a\u0001b","c"]}"#),
    ("proctitle=6100620000", #"{"proctitle":"a b"}"#),
    ("uid=0\u{1d}UID=\"root\"", #"{"uid":"0","UID":"root"}"#),
    // The rest is hostile.
    (
      "pid=1 msg='contid=\"9\" pid=2 msg='y' a'",
      #"{"pid":"1","msg":{"contid":"9","pid":"2","msg":"'y'"}},"text":"a""#
    ),
    (
      "msg='x\ntype=UNKNOWN[1394] msg=audit(1.000:1):'",
      #"{"msg":{"x\u000atype":"UNKNOWN[1394]","msg":"audit(1.000:1):"}}"#
    ),
    ("comm=22202C22636F6E746964223A", #"{"comm":"\" ,\"contid\":"}"#),
    (#"a"b\=1"#, #"{"a\"b\\":"1"}"#), ("comm=\"sh", #"{"comm":"sh"}"#),
    ("msg='op=lo", #"{"msg":{"op":"lo"}}"#), ("msg=1 msg='a=2'", #"{"msg":["1",{"a":"2"}]}"#),
    ("text=1 words", #"{"text":"1"},"text":"words""#),
  ])
  func `fields are strings`(_ text: String, _ expected: String) {
    #expect(Self.fields(text, of: 1112) == expected)
  }

  @Test func `arguments of a program are decoded, as its path is`() {
    #expect(
      Self.fields("argc=2 a0=40 a1[0]=4120", of: 1309)
        == #"{"argc":"2","a0":"@","a1[0]":"A "}"#)
  }

  @Test func `bytes that are no text are replaced`() {
    #expect(Self.fields(Array("a=".utf8) + [0xff, 0xc3, 0xa4]) == "{\"a\":\"\u{fffd}ä\"}")
  }

  @Test func `the longest text is whole`() {
    let long = String(repeating: "A", count: 8968)
    #expect(Self.fields("x=\(long)") == "{\"x\":\"\(long)\"}")
    let many = (0..<1500).map { "f\($0)=1" }
    let expected = (0..<1500).map { "\"f\($0)\":\"1\"" }.joined(separator: ",")
    #expect(Self.fields(many.joined(separator: " ")) == "{\(expected)}")
    let same = Array(repeating: "\"1\"", count: 2242).joined(separator: ",")
    #expect(Self.fields(String(repeating: "a=1 ", count: 2242)) == "{\"a\":[\(same)]}")
  }
}
