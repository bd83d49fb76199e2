// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// Records about containers, in each format.
@Suite struct ContainerRecordTests {
  private let audit = AuditLineFormat()
  private let json = JSONLinesFormat()
  private let table = TableFormat()
  private let stamp = "msg=audit(1795302535.123:17):"
  private let subject = #"pid=4242 uid=0 auid=1000 ses=3 comm="unshare" exe="/usr/bin/unshare""#
  private let jsonStamp = #""time":"2026-11-21T23:08:55.123456789Z","serial":17"#
  private let jsonSubject = #"""
    "pid":4242,"uid":0,"auid":1000,"ses":3,"comm":"unshare","exe":"/usr/bin/unshare"
    """#

  @Test func `a registration as audit lines`() {
    #expect(
      audit.lines(of: SampleEvents.registered) == [
        """
        type=NS_CHANGE \(stamp) op=assign nstype=net dev=00:04 ino=4026532281 old-dev=00:04 \
        old-ino="4026532281" nsid="4711" old-nsid="4711" opid=4243 contid="42" ns-contid="7" \
        \(subject) res=1
        """,
        """
        type=NS_INFO \(stamp) opid=4243 dev=00:04 mntns="4026531832" utsns="4026531833" \
        ipcns="4026531834" pidns="4026531835" pidns-children="4026531835" userns="4026531836" \
        netns="4026531837" cgroupns="4026531838" timens="4026531839" timens-children="4026531839" \
        contid="42,^7" nnp=1 seccomp=2 cgroup="/system.slice/web.service" res=1
        """,
        #"type=CONTAINER_OP \#(stamp) op=set opid=4243 contid="42" old-contid="7" name=7765622031 res=1"#,
        #"type=CONTAINER_ID \#(stamp) record="1" contid="42" rel=member"#,
        #"type=CONTAINER_ID \#(stamp) record="2" contid="7" rel=member"#,
      ])
  }

  @Test func `a refused registration as audit lines`() {
    #expect(
      audit.lines(of: SampleEvents.registrationRefused) == [
        """
        type=CONTAINER_OP \(stamp) op=set opid=4243 \
        contid="00000000-0000-0001-0000-000000000002" old-contid=-1 name="web" pid=4242 uid=0 \
        auid=1000 ses=3 comm="unshare" exe=? res=0 errno=EBUSY
        """
      ])
  }

  @Test func `a refused registration as JSON says why at its end`() {
    #expect(
      json.lines(of: SampleEvents.registrationRefused)[0].hasSuffix(
        #""name":"web","res":false,"errno":"EBUSY"}"#))
  }

  @Test func `a container whose tasks are confined otherwise`() {
    #expect(
      audit.lines(of: SampleEvents.updated)[0] == """
        type=CONTAINER_OP \(stamp) op=update opid=4243 contid="42" old-contid="42" name="web" nnp=1 \
        old-nnp=0 seccomp=2 old-seccomp=0 \(subject) res=1
        """)
    #expect(
      json.lines(of: SampleEvents.updated)[0] == #"""
        {"type":"CONTAINER_OP",\#(jsonStamp),"op":"update","opid":4243,\#(jsonSubject),\#
        "contid":["42"],"old_contid":["42"],"name":"web","nnp":true,"old_nnp":false,\#
        "seccomp":2,"old_seccomp":0,"res":true}
        """#)
    #expect(
      table.lines(of: SampleEvents.updated) == [
        """
        23:08:55.123  update   update   -       -           -           4243     0          \
        unshare /usr/bin/unshare container 42 web nnp=1 seccomp=2
        """
      ])
  }

  @Test func `a cgroup whose tasks are confined otherwise`() {
    #expect(
      audit.lines(of: SampleEvents.cgroupUpdated) == [
        """
        type=CONTAINER_OP \(stamp) op=update opid=4243 contid=-1 old-contid=-1 nnp=0 old-nnp=1 \
        seccomp=0 old-seccomp=0 cgroup=2E2E2E2F7765622031 \(subject) res=1
        """
      ])
    #expect(
      json.lines(of: SampleEvents.cgroupUpdated) == [
        #"""
        {"type":"CONTAINER_OP",\#(jsonStamp),"op":"update","opid":4243,\#(jsonSubject),\#
        "contid":[],"old_contid":[],"nnp":false,"old_nnp":true,"seccomp":0,"old_seccomp":0,\#
        "cgroup":".../web 1","cgroup_cut":true,"res":true}
        """#
      ])
    #expect(
      table.lines(of: SampleEvents.cgroupUpdated) == [
        """
        23:08:55.123  update   update   -       -           -           4243     0          \
        unshare /usr/bin/unshare cgroup .../web\\x201 nnp=0
        """
      ])
    var unknown = SampleEvents.cgroupUpdated
    unknown.containers[0].cgroup = BoundedText()
    #expect(audit.lines(of: unknown)[0].contains(" old-seccomp=0 cgroup=? pid="))
    #expect(json.lines(of: unknown)[0].contains(#","old_seccomp":0,"cgroup":null,"res""#))
  }

  @Test func `a cgroup's path that was cut is marked`() {
    var event = SampleEvents.registered
    event.info?.cgroup = BoundedText(Array("/lxc/web".utf8), cut: .front)
    #expect(audit.lines(of: event)[1].hasSuffix(#" cgroup=".../lxc/web" res=1"#))
    #expect(
      json.lines(of: event)[1].hasSuffix(#""cgroup":".../lxc/web","cgroup_cut":true,"res":true}"#))
    event.info?.cgroup.cut = .end
    #expect(audit.lines(of: event)[1].hasSuffix(#" cgroup="/lxc/web..." res=1"#))
    #expect(
      json.lines(of: event)[1].hasSuffix(#""cgroup":"/lxc/web...","cgroup_cut":true,"res":true}"#))
  }

  @Test func `the end of a container as audit lines`() {
    #expect(
      audit.lines(of: SampleEvents.dropped) == [
        #"type=CONTAINER_OP \#(stamp) op=drop opid=4242 contid=-1 old-contid="42" \#(subject) res=1"#,
        #"type=CONTAINER_ID \#(stamp) record="1" contid="42" rel=member"#,
      ])
  }

  @Test func `a cgroup's path forges no field`() {
    var event = SampleEvents.registered
    event.info?.cgroup = BoundedText(Array("/a\" res=0\n".utf8))
    #expect(audit.lines(of: event)[1].hasSuffix(" seccomp=2 cgroup=2F6122207265733D300A res=1"))
    #expect(json.lines(of: event)[1].hasSuffix(#""cgroup":"/a\" res=0\u000a","res":true}"#))
    event.info?.cgroup = BoundedText()
    #expect(audit.lines(of: event)[1].hasSuffix(" seccomp=2 res=1"))
    #expect(json.lines(of: event)[1].hasSuffix(#""seccomp":2,"res":true}"#))
  }

  @Test func `a task that leaves its container`() {
    #expect(
      audit.lines(of: SampleEvents.left) == [
        #"type=CONTAINER_OP \#(stamp) op=set opid=4243 contid=-1 old-contid="42" contid-src=cgroup \#(subject) res=1"#,
        #"type=CONTAINER_ID \#(stamp) record="1" contid="42" rel=member"#,
      ])
    #expect(json.lines(of: SampleEvents.left)[0].contains(#","contid_src":"cgroup","res":true"#))
    #expect(table.lines(of: SampleEvents.left)[0].contains(" leave "))
    #expect(table.lines(of: SampleEvents.left)[0].hasSuffix(" container 42"))
  }

  @Test func `a system call's record= names what its subject carries`() {
    let lines = audit.lines(of: SampleEvents.entered)
    #expect(lines[0].hasSuffix(#" subj=? key="nstrace" record="1""#))
    #expect(lines[1].hasSuffix(#" opid=4242 contid="7" ns-contid="42,43" res=1"#))
    #expect(
      lines[2...3] == [
        #"type=CONTAINER_ID \#(stamp) record="1" contid="7" rel=member"#,
        #"type=CONTAINER_ID \#(stamp) record="2" contid="42,43" rel=member"#,
      ])
    #expect(lines[4].hasPrefix("type=PROCTITLE "))
    #expect(json.lines(of: SampleEvents.entered)[0].hasSuffix(#","key":"nstrace","record":1}"#))
  }

  @Test func `a session and the hash of a set stand before what the namespace has`() {
    var event = SampleEvents.entered
    event.namespaces[0].session = 3
    event.namespaces[0].setHash = NamespaceHash([])
    let hash = "6c62272e07bb014262b821756295c58d"
    #expect(
      audit.lines(of: event)[1].hasSuffix(
        #" opid=4242 contid="7" cses="3" nshash="\#(hash)" ns-contid="42,43" res=1"#))
    #expect(
      json.lines(of: event)[1].hasSuffix(
        #""contid":["7"],"cses":3,"nshash":"\#(hash)","ns_contid":["42","43"],"res":true}"#))
  }

  @Test func `a registration as JSON`() {
    let lines = json.lines(of: SampleEvents.registered)
    #expect(
      lines[0].hasSuffix(
        #""opid":4243,\#(jsonSubject),"contid":["42"],"ns_contid":["7"],"res":true}"#))
    #expect(
      lines[1...] == [
        #"""
        {"type":"NS_INFO",\#(jsonStamp),"opid":4243,"dev":"00:04","mntns":4026531832,\#
        "utsns":4026531833,"ipcns":4026531834,"pidns":4026531835,"pidns_children":4026531835,\#
        "userns":4026531836,"netns":4026531837,"cgroupns":4026531838,"timens":4026531839,\#
        "timens_children":4026531839,\#(jsonSubject),"contid":["42","7"],"nnp":true,\#
        "seccomp":2,"cgroup":"/system.slice/web.service","res":true}
        """#,
        #"""
        {"type":"CONTAINER_OP",\#(jsonStamp),"op":"set","opid":4243,\#(jsonSubject),\#
        "contid":["42"],"old_contid":["7"],"name":"web 1","res":true}
        """#,
        #"{"type":"CONTAINER_ID",\#(jsonStamp),"record":1,\#(jsonSubject),"contid":["42"],"rel":"member"}"#,
        #"{"type":"CONTAINER_ID",\#(jsonStamp),"record":2,\#(jsonSubject),"contid":["7"],"rel":"member"}"#,
      ])
  }

  @Test func `the end of a container as JSON has no contid`() {
    #expect(
      json.lines(of: SampleEvents.dropped)[0] == #"""
        {"type":"CONTAINER_OP",\#(jsonStamp),"op":"drop","opid":4242,\#(jsonSubject),\#
        "contid":[],"old_contid":["42"],"res":true}
        """#)
  }

  @Test func `containers in the table`() {
    #expect(
      [SampleEvents.registrationRefused, SampleEvents.dropped].flatMap(table.lines) == [
        """
        23:08:55.123  refused  set      -       -           -           4243     0          \
        unshare container 00000000-0000-0001-0000-000000000002 web (EBUSY)
        """,
        """
        23:08:55.123  end      drop     -       -           -           4242     0          \
        unshare /usr/bin/unshare container 42
        """,
      ])
    #expect(
      table.lines(of: SampleEvents.registered)[1].hasSuffix(#" container 42 web\x201"#))
  }
}
