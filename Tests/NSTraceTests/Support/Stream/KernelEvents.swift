// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

extension KernelEvent {
  /// 2026-11-26T02:35:20.030Z.
  static let stampNs: Int64 = 1_795_660_520_030_000_000

  /// An event of these records, each a number and a text.
  static func make(
    _ records: (UInt16, String)..., pid: UInt32? = nil, mentions: [ContainerMention] = [],
    isKnown: Bool = true
  ) -> KernelEvent {
    var event = KernelEvent()
    event.timeNs = stampNs
    event.serial = 4711
    event.pid = pid
    event.isKnown = isKnown
    event.mentions = mentions
    for (type, text) in records { event.append(type, Array(text.utf8)) }
    return event
  }

  mutating func append(_ type: UInt16, _ bytes: [UInt8]) {
    records.append(Record(type: type, range: text.count..<text.count + bytes.count))
    text += bytes
  }

  /// In container 42, and by session 3 in 7.
  static let executed = make(
    (1300, call), (1309, #"argc=1 a0="sh""#), (1327, "proctitle=7368"), pid: 4242,
    mentions: [.member("42"), .inside("7,^1", by: 3)])

  /// A SYSCALL record without all that no test reads.
  static let call =
    #"arch=c000003e syscall=59 success=yes exit=0 pid=4242 uid=0 comm="sh" exe="/bin/sh" key=(null)"#

  /// A login in container 42.
  static let login = make(
    (1112, #"pid=1 uid=0 msg='op=login acct="root" res=success'"#), pid: 1,
    mentions: [.member("42")])

  /// The lines that follow `type=` and the stamp.
  static let stamp = "msg=audit(1795660520.030:4711):"
}

extension ContainerMention {
  static func member(_ list: String) -> Self {
    ContainerMention(ContainerList(text: list) ?? ContainerList())
  }

  static func inside(_ list: String, by session: UInt32) -> Self {
    ContainerMention(ContainerList(text: list) ?? ContainerList(), session: session)
  }
}

extension RecordFormat {
  /// The lines that the format prints for an event of the kernel's audit.
  func lines(of event: KernelEvent) -> [String] {
    var format = self
    var text = TextBuffer()
    format.write(event, to: &text)
    return String(decoding: text.bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast().map(String.init)
  }
}
