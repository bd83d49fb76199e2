// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Containers told as virtual machines (T8), as libvirt tells of its own.
@Suite struct LifecycleRecordTests {
  private static let id = ContainerID(high: 0x6d1a_e6a4_2a5e_4d5e, low: 0x9a43_0f6a_1f0f_7a11)
  private let prefix = "msg=audit(1795302535.123:17): pid=4242 uid=0 auid=1000 ses=3 msg='virt=lxc"
  private let suffix =
    #"exe="/usr/bin/unshare" hostname=? addr=? terminal=? res=success'"#
  private let uuid = "uuid=6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11"

  private func event(
    _ step: LifecycleRecord.Step, name: String = "web1", id: ContainerID = Self.id,
    pid: UInt32 = 4243, granted: Bool = true
  ) -> AuditEvent {
    var event = AuditEvent.make(proctitle: [])
    event.lifecycle = LifecycleRecord(
      step: step, id: id, name: Array(name.utf8), pid: pid, granted: granted)
    return event
  }

  private func audit(_ event: AuditEvent) -> [String] { AuditLineFormat().lines(of: event) }

  @Test func `audit lines are those that auvirt reads`() {
    #expect(
      audit(event(.machineID)) == [
        "type=VIRT_MACHINE_ID \(prefix) vm=\"web1\" \(uuid) vm-ctx=none img-ctx=none model=none "
          + suffix
      ])
    #expect(
      audit(event(.resource(.newNet))) == [
        "type=VIRT_RESOURCE \(prefix) resrc=ns reason=start vm=\"web1\" \(uuid) nstype=net "
          + "old-ns=\"?\" new-ns=\"net:[4026532281]\" \(suffix)"
      ])
    #expect(
      audit(event(.start)) == [
        "type=VIRT_CONTROL \(prefix) op=start reason=booted vm=\"web1\" \(uuid) vm-pid=4243 "
          + suffix
      ])
    #expect(
      audit(event(.stop, pid: 0)) == [
        "type=VIRT_CONTROL \(prefix) op=stop reason=shutdown vm=\"web1\" \(uuid) vm-pid=0 \(suffix)"
      ])
  }

  @Test func `a refused start has failed`() {
    #expect(audit(event(.start, granted: false))[0].hasSuffix(" res=failed'"))
  }

  @Test func `what has no name is called by its ID, which is a UUID even where it is small`() {
    let lines = audit(event(.start, name: "", id: ContainerID(high: 0, low: 42)))
    #expect(lines[0].contains(" vm=\"42\" uuid=00000000-0000-0000-0000-00000000002a "))
  }

  @Test(arguments: ["a' res=success", "a\"", "a b", "a\n", "\u{1b}[31m"])
  func `a name cannot end the message`(_ name: String) {
    let hex = name.utf8.map { "\(TextBuffer.hex($0))" }.joined()
    #expect(audit(event(.start, name: name))[0].contains(" vm=\(hex) uuid="))
  }

  @Test func `as JSON`() {
    let lines = JSONLinesFormat().lines(of: event(.resource(.newNet)))
    #expect(
      lines == [
        #"""
        {"type":"VIRT_RESOURCE","time":"2026-11-21T23:08:55.123456789Z","serial":17,"resrc":"ns",\#
        "reason":"start","nstype":"net","ino":4026532281,"pid":4242,"uid":0,"auid":1000,"ses":3,\#
        "comm":"unshare","exe":"/usr/bin/unshare","virt":"lxc","vm":"web1",\#
        "uuid":"6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11","res":true}
        """#
      ])
    let start = JSONLinesFormat().lines(of: event(.start))
    #expect(start[0].contains(#""op":"start","reason":"booted","vm_pid":4243,"#))
  }

  @Test func `the table has said it already`() {
    #expect(TableFormat().lines(of: event(.start)) == [])
  }
}

extension TextBuffer {
  fileprivate static func hex(_ byte: UInt8) -> String {
    var text = TextBuffer()
    text.append(encoded: [byte])
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
