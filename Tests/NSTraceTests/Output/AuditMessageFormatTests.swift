// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The texts of audit user messages.
@Suite struct AuditMessageFormatTests {
  private static let run = Array("1795302535.000000001".utf8)

  /// The texts of the messages of an event.
  static func texts(of event: AuditEvent, _ types: [RecordType] = []) -> [String] {
    var format = AuditMessageFormat(types, run: run)
    var messages = AuditMessageText()
    guard format.concerns(event) else { return [] }
    format.write(event, to: &messages)
    let bytes = messages.text.bytes
    return messages.parts.map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  private func begin(_ type: String, line: Int) -> String {
    #"op=\#(type) run="1795302535.000000001" nsserial="17" line="\#(line)" nstime=1795302535.123"#
  }

  private let subject = #"pid=4242 uid=0 auid=1000 ses=3 comm="unshare" exe="/usr/bin/unshare""#
  private let end = "hostname=? addr=? terminal=? res=success"

  @Test func `a registration is one message, with its subject`() {
    #expect(
      Self.texts(of: SampleEvents.registered) == [
        #"\#(begin("CONTAINER_OP", line: 3)) nsop=set opid=4243 contid="42" old-contid="7" "#
          + #"name=7765622031 \#(subject) \#(end)"#
      ])
  }

  @Test func `a refusal is a failure, with its errno`() {
    #expect(
      Self.texts(of: SampleEvents.registrationRefused) == [
        #"\#(begin("CONTAINER_OP", line: 1)) nsop=set opid=4243 "#
          + #"contid="00000000-0000-0001-0000-000000000002" old-contid=-1 name="web" pid=4242 uid=0 "#
          + #"auid=1000 ses=3 comm="unshare" exe=? errno=EBUSY hostname=? addr=? terminal=? res=failed"#
      ])
  }

  @Test func `a session states its entrant, or nobody`() {
    #expect(
      Self.texts(of: SampleEvents.enteredInSession) == [
        #"\#(begin("CONTAINER_SESSION", line: 3)) nsop=begin contid="42,43" cses="3" how=setns:net "#
          + #"opid=4242 \#(subject) \#(end)"#
      ])
    #expect(
      Self.texts(of: SampleEvents.foundInside) == [
        #"\#(begin("CONTAINER_SESSION", line: 1)) nsop=begin contid="42,43" cses="3" "#
          + #"how=resync:mnt,net opid=4242 late=1 \#(end)"#
      ])
  }

  @Test func `a loss is a message`() {
    #expect(
      Self.texts(of: SampleEvents.missing(.rate)) == [
        #"\#(begin("NS_LOST", line: 1)) lost="9" kind=all since=1795302535.122 resynced=0 cause=rate \#(end)"#
      ])
  }

  @Test func `other records are messages if they are asked for`() {
    #expect(Self.texts(of: SampleEvents.created) == [])
    #expect(
      Self.texts(of: SampleEvents.created, [.nsCreate]) == [
        #"\#(begin("NS_CREATE", line: 2)) nsop=unshare nstype=net dev=00:04 ino=4026532281 "#
          + #"old-dev=00:04 old-ino="4026531833" nsid="4711" old-nsid="6" opid=4242 contid=-1 "#
          + #"\#(subject) \#(end)"#
      ])
    let all = Self.texts(of: SampleEvents.registered, AuditMessageFormat.others)
    #expect(
      all.map { String($0.dropFirst(3).prefix { $0 != " " }) } == [
        "NS_CHANGE", "NS_INFO", "CONTAINER_OP", "CONTAINER_ID", "CONTAINER_ID",
      ])
    #expect(
      all[3] == #"\#(begin("CONTAINER_ID", line: 4)) record="1" contid="42" rel=member \#(end)"#)
  }

  @Test func `VIRT records, SYSCALL and PROCTITLE never are`() {
    for event in SampleEvents.all {
      for text in Self.texts(of: event, AuditMessageFormat.others) {
        #expect(!text.contains("op=SYSCALL") && !text.contains("op=PROCTITLE"))
        #expect(!text.contains("op=VIRT"))
      }
    }
  }

  /// An event in which a process, an orchestrator and a cgroup have chosen this text.
  private static func hostile(_ text: [UInt8]) -> AuditEvent {
    var event = AuditEvent.make(subject: .make(comm: text), exe: text, proctitle: text)
    event.containers = [
      ContainerRecord(
        verb: .set, opid: 4243, id: ContainerID(high: 0, low: 42), name: text,
        cgroup: BoundedText(text))
    ]
    return event
  }

  @Test func `hostile text is one field, in hexadecimal`() {
    let text = Array("' res=success\"\n".utf8) + [0xff]
    let hex = "27207265733D73756363657373220AFF"
    #expect(
      Self.texts(of: Self.hostile(text)) == [
        #"\#(begin("CONTAINER_OP", line: 1)) nsop=set opid=4243 contid="42" old-contid=-1 name=\#(hex) "#
          + "cgroup=\(hex) pid=4242 uid=0 auid=1000 ses=3 comm=\(hex) exe=\(hex) \(end)"
      ])
    // Of these bytes only the quote would end a message.
    let quote = Self.texts(of: Self.hostile(Array("it's".utf8)))[0]
    #expect(quote.contains(" comm=69742773 exe=69742773 "))
    let equals = Self.texts(of: Self.hostile(Array("a=b".utf8)))[0]
    #expect(equals.contains(#" comm="a=b" exe="a=b" "#))
  }

  @Test(arguments: UntrustedTextTests.texts)
  func `each text is plain ASCII without a single quote, and one field`(_ text: [UInt8]) throws {
    let names = try #require(Self.texts(of: Self.hostile([0x61])).first).split(separator: " ")
    let message = try #require(Self.texts(of: Self.hostile(text)).first)
    #expect(message.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "'") })
    let fields = message.split(separator: " ")
    #expect(fields.map { $0.prefix { $0 != "=" } } == names.map { $0.prefix { $0 != "=" } })
    #expect(fields.count { $0 == "res=success" } == 1 && fields.last == "res=success")
  }

  @Test func `what is too long lacks fields, and says how many`() {
    var event = SampleEvents.entered
    event.namespaces[0].namespaceContainers = ContainerList(
      (0..<300).map { .init(ContainerID(high: 1, low: $0)) })
    let text = Self.texts(of: event, [.nsChange])[0]
    #expect(
      text == #"\#(begin("NS_CHANGE", line: 2)) nsop=setns nstype=net dev=00:04 ino=4026532281 "#
        + #"old-dev=00:04 old-ino="4026531833" nsid="4711" old-nsid="6" opid=4242 contid="7" "#
        + #"\#(subject) cut="1" \#(end)"#)
  }

  @Test func `no message is longer than the kernel prints`() {
    for count in 200...240 {
      var event = SampleEvents.entered
      event.namespaces[0].namespaceContainers = ContainerList(
        (0..<UInt64(count)).map { .init(ContainerID(high: 1, low: $0)) })
      let text = Self.texts(of: event, [.nsChange])[0]
      #expect(text.utf8.count <= 8560 && text.hasSuffix(" \(end)"))
    }
  }
}
