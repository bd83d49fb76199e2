// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// CONTAINER_SESSION, and what CONTAINER_ID says of sessions, in each format.
@Suite struct SessionRecordTests {
  private let audit = AuditLineFormat()
  private let json = JSONLinesFormat()
  private let stamp = "msg=audit(1795302535.123:17):"
  private let subject = #"pid=4242 uid=0 auid=1000 ses=3 comm="unshare" exe="/usr/bin/unshare""#
  private let jsonStamp = #""time":"2026-11-21T23:08:55.123456789Z","serial":17"#
  private let jsonSubject = #"""
    "pid":4242,"uid":0,"auid":1000,"ses":3,"comm":"unshare","exe":"/usr/bin/unshare"
    """#

  @Test func `a begin stands behind the change, and states the entrant beside SYSCALL, too`() {
    let lines = audit.lines(of: SampleEvents.enteredInSession)
    #expect(lines[0].hasSuffix(#" key="nstrace" record="1""#))
    #expect(lines[1].hasPrefix("type=NS_CHANGE "))
    #expect(
      lines[2...4] == [
        #"type=CONTAINER_SESSION \#(stamp) op=begin contid="42,43" cses="3" how=setns:net opid=4242 \#(subject) res=1"#,
        #"type=CONTAINER_ID \#(stamp) record="1" contid="7" rel=member"#,
        #"type=CONTAINER_ID \#(stamp) record="2" contid="42,43" cses="3" rel=inside"#,
      ])
  }

  @Test func `an end states who began the session, whoever ends it`() {
    #expect(
      audit.lines(of: SampleEvents.leftSession) == [
        #"type=NS_DESTROY \#(stamp) op=exit nstype=net dev=00:04 ino=4026532281 nsid="4711" opid=4242 contid=-1 cses="3" "#
          + #"pid=4300 uid=0 auid=1000 ses=3 comm="sh" exe="/usr/bin/unshare" pinned=? res=1"#,
        #"type=CONTAINER_SESSION \#(stamp) op=end contid="42,43" cses="3" how=exit opid=4300 \#(subject) res=1"#,
        #"type=CONTAINER_ID \#(stamp) record="1" contid="42,43" cses="3" rel=inside"#,
      ])
  }

  @Test func `what is found late says so, also without an entrant`() {
    #expect(
      audit.lines(of: SampleEvents.foundInside)[0]
        == #"type=CONTAINER_SESSION \#(stamp) op=begin contid="42,43" cses="3" how=resync:mnt,net opid=4242 late=1 res=1"#
    )
    #expect(
      json.lines(of: SampleEvents.foundInside) == [
        #"""
        {"type":"CONTAINER_SESSION",\#(jsonStamp),"op":"begin","opid":4242,"contid":["42","43"],\#
        "cses":3,"how":"resync:mnt,net","late":true,"res":true}
        """#,
        #"""
        {"type":"CONTAINER_ID",\#(jsonStamp),"record":1,"contid":["42","43"],"cses":3,\#
        "rel":"inside"}
        """#,
      ])
  }

  @Test func `an end that no tracer saw says when the session began`() {
    let since = "2026-11-21T23:08:55.122456789Z"
    #expect(
      audit.lines(of: SampleEvents.endedUnseen)[0]
        == #"type=CONTAINER_SESSION \#(stamp) op=end contid="42,43" cses="3" how=late opid=4242 late=1 since=1795302535.122 \#(subject) res=1"#
    )
    #expect(
      json.lines(of: SampleEvents.endedUnseen)[0] == #"""
        {"type":"CONTAINER_SESSION",\#(jsonStamp),"op":"end","opid":4242,\#(jsonSubject),\#
        "contid":["42","43"],"cses":3,"how":"late","late":true,"since":"\#(since)","res":true}
        """#)
  }

  @Test func `JSON says the same`() {
    let lines = json.lines(of: SampleEvents.enteredInSession)
    #expect(lines[0].hasSuffix(#","key":"nstrace","record":1}"#))
    #expect(
      lines[2...4] == [
        #"""
        {"type":"CONTAINER_SESSION",\#(jsonStamp),"op":"begin","opid":4242,\#(jsonSubject),\#
        "contid":["42","43"],"cses":3,"how":"setns:net","res":true}
        """#,
        #"{"type":"CONTAINER_ID",\#(jsonStamp),"record":1,\#(jsonSubject),"contid":["7"],"rel":"member"}"#,
        #"""
        {"type":"CONTAINER_ID",\#(jsonStamp),"record":2,\#(jsonSubject),"contid":["42","43"],\#
        "cses":3,"rel":"inside"}
        """#,
      ])
    #expect(json.lines(of: SampleEvents.leftSession)[0].contains(#""contid":[],"cses":3,"pinned""#))
  }

  @Test func `in the table it is a line`() {
    #expect(
      TableFormat().lines(of: SampleEvents.leftSession)[1] == """
        23:08:55.123  session  end      -       -           -           4300     0          \
        sh /usr/bin/unshare container 42,43 cses=3
        """)
  }

  @Test func `a log's SYSCALL names who began and who ended`() {
    let numbers = AuditLineFormat(spelling: .numbers(base: RecordType.defaultBase))
    let begun = numbers.lines(of: SampleEvents.enteredInSession)
    #expect(begun[0].contains(#"key="nstrace/change-net:[4026532281]/begin-42" record="1""#))
    #expect(begun[2].hasPrefix("type=UNKNOWN[1397] "))
    let ended = numbers.lines(of: SampleEvents.leftSession)
    #expect(ended[0].contains(#"key="nstrace/destroy-net:[4026532281]/end-42" record="1""#))
    #expect(ended[0].contains(" auid=1000 ") && ended[0].contains(" ses=3 "))
  }

  // MARK: Filters

  private func left(of event: AuditEvent, _ id: UInt64) -> [Int] {
    var filter = RecordFilter()
    filter.containerIDs = [ContainerID(high: 0, low: id)]
    var event = event
    let isWanted = filter.reduce(&event)
    #expect(isWanted == !event.isEmpty)
    return [event.namespaces.count, event.sessions.count]
  }

  @Test func `--contid finds what intruders do in the container`() {
    #expect(left(of: SampleEvents.enteredInSession, 42) == [1, 1])
    #expect(left(of: SampleEvents.leftSession, 43) == [1, 1])
    #expect(left(of: SampleEvents.leftSession, 44) == [0, 0])
    var made = SampleEvents.leftSession
    made.namespaces = [.created()]
    (made.sessions, made.namespaces[0].session) = ([], 3)
    #expect(left(of: made, 42) == [1, 0])
  }

  @Test func `other options select sessions as they select registrations`() {
    func left(_ set: (inout RecordFilter) -> Void) -> Int {
      var filter = RecordFilter()
      set(&filter)
      var event = SampleEvents.leftSession
      _ = filter.reduce(&event)
      return event.sessions.count
    }
    #expect(left { $0.pids = [4242] } == 1)
    #expect(left { $0.pids = [4300] } == 1)
    #expect(left { $0.pids = [7] } == 0)
    #expect(left { $0.kinds = [.net] } == 0)
    #expect(left { $0.operations = [.exit] } == 0)
    #expect(left { $0.includesRefused = false } == 1)
  }

  @Test func `a comm forges no field of a session`() {
    var event = SampleEvents.leftSession
    event.sessions[0].entrant?.comm = Array("a\" res=0\n".utf8)
    #expect(audit.lines(of: event)[1].contains(" comm=6122207265733D300A exe="))
    #expect(json.lines(of: event)[1].contains(#","comm":"a\" res=0\u000a","exe""#))
  }
}
