// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct AuditLineFormatTests {
  private let format = AuditLineFormat()
  private let stamp = "msg=audit(1795302535.123:17):"
  private let subject = """
    ppid=4200 pid=4242 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 \
    ses=3 comm="unshare" exe="/usr/bin/unshare" subj=? key="nstrace"
    """
  private var proctitle: String {
    "type=PROCTITLE \(stamp) proctitle=756E7368617265002D2D6E6574"
  }

  @Test func `a created namespace`() {
    #expect(
      format.lines(of: SampleEvents.created) == [
        """
        type=SYSCALL \(stamp) arch=c000003e syscall=272 success=yes exit=0 a0=40000000 a1=0 a2=0 \
        a3=0 items=0 \(subject)
        """,
        """
        type=NS_CREATE \(stamp) op=unshare nstype=net dev=00:04 ino=4026532281 old-dev=00:04 \
        old-ino="4026531833" nsid="4711" old-nsid="6" opid=4242 contid=-1 res=1
        """,
        proctitle,
      ])
  }

  @Test func `a changed namespace`() {
    #expect(
      format.lines(of: SampleEvents.changed) == [
        """
        type=SYSCALL \(stamp) arch=c000003e syscall=308 success=yes exit=0 a0=3 a1=40000000 a2=0 \
        a3=0 items=0 \(subject)
        """,
        """
        type=NS_CHANGE \(stamp) op=setns nstype=net dev=00:04 ino=4026532281 old-dev=00:04 \
        old-ino="4026531833" nsid="4711" old-nsid="6" opid=4242 contid=-1 ns-contid=-1 res=1
        """,
        proctitle,
      ])
  }

  @Test func `without a system call the first record, and only it, says who it was`() {
    #expect(
      format.lines(of: SampleEvents.destroyed) == [
        """
        type=NS_DESTROY \(stamp) op=exit nstype=mnt dev=00:04 ino=4026532282 nsid="4712" opid=4242 \
        contid=-1 pid=4242 uid=0 auid=1000 ses=3 comm="unshare" exe="/usr/bin/unshare" \
        pinned=? res=1
        """,
        """
        type=NS_DESTROY \(stamp) op=exit nstype=net dev=00:04 ino=4026532281 nsid="4711" opid=4242 \
        contid=-1 pinned=? res=1
        """,
      ])
  }

  @Test(arguments: [(true, "yes"), (false, "no")])
  func `whether the kernel's object lives on`(isPinned: Bool, word: String) {
    var event = SampleEvents.destroyed
    event.namespaces[1].isPinned = isPinned
    let lines = format.lines(of: event)
    #expect(lines[0].hasSuffix(" pinned=? res=1"))
    #expect(lines[1].hasSuffix(" contid=-1 pinned=\(word) res=1"))
  }

  @Test func `what the kernel refused`() {
    #expect(
      format.lines(of: SampleEvents.refused) == [
        """
        type=SYSCALL \(stamp) arch=c000003e syscall=272 success=no exit=-1 a0=40020000 a1=0 a2=0 \
        a3=0 items=0 \(subject)
        """,
        """
        type=NS_CREATE \(stamp) op=unshare nstype=mnt dev=? ino=? old-dev=00:04 \
        old-ino="4026531832" nsid=? old-nsid="1" opid=4242 contid=-1 res=0
        """,
        """
        type=NS_CREATE \(stamp) op=unshare nstype=net dev=? ino=? old-dev=00:04 \
        old-ino="4026531833" nsid=? old-nsid="6" opid=4242 contid=-1 res=0
        """,
        proctitle,
      ])
  }

  @Test func `a refused setns that did not say which kind`() {
    #expect(
      format.lines(of: SampleEvents.refusedWithoutKind) == [
        """
        type=SYSCALL \(stamp) arch=c000003e syscall=308 success=no exit=-22 a0=7 a1=0 a2=0 a3=0 \
        items=0 \(subject)
        """,
        """
        type=NS_CHANGE \(stamp) op=setns nstype=? dev=? ino=? old-dev=? old-ino=? opid=4242 \
        contid=-1 ns-contid=-1 res=0
        """,
      ])
  }

  @Test func `a loss, and what made it good`() {
    #expect(
      format.lines(of: SampleEvents.lost) == [
        #"type=NS_LOST \#(stamp) lost="5" kind=fork since=1795302535.122 resynced=0 res=1"#
      ])
    #expect(
      format.lines(of: SampleEvents.skipped) == [
        #"type=NS_LOST \#(stamp) lost="7" kind=switch since=1795302535.122 resynced=0 cause=skipped res=1"#
      ])
    #expect(
      format.lines(of: SampleEvents.unheard) == [
        #"type=NS_LOST \#(stamp) lost="1" kind=freed since=1795302535.122 resynced=0 cause=off res=1"#
      ])
    #expect(
      format.lines(of: SampleEvents.suppressed) == [
        #"type=NS_LOST \#(stamp) lost="9" kind=switch since=1795302535.122 resynced=0 cause=share uid=65534 cgroup=2F757365722E736C6963652F612062 res=1"#
      ])
    #expect(
      format.lines(of: SampleEvents.suppressedOfSeveral) == [
        #"type=NS_LOST \#(stamp) lost="2" kind=clone since=1795302535.122 resynced=0 cause=share uid=? cgroup=? res=1"#
      ])
    #expect(
      format.lines(of: SampleEvents.resynced) == [
        #"type=NS_LOST \#(stamp) lost="1099511627776" kind=all since=1795302535.122 resynced=1 res=1"#
      ])
  }

  @Test(arguments: [LostRecord.Cause.stdout, .log, .route])
  func `what only this output lacks`(_ cause: LostRecord.Cause) {
    #expect(
      format.lines(of: SampleEvents.missing(cause)) == [
        #"type=NS_LOST \#(stamp) lost="9" kind=all since=1795302535.122 resynced=0 cause=\#(cause) res=1"#
      ])
  }

  @Test func `what is not known, is not there or unset`() {
    #expect(
      format.lines(of: SampleEvents.bare) == [
        """
        type=SYSCALL \(stamp) arch=c000003e syscall=435 success=yes exit=4243 a0=7ffd00000000 \
        a1=58 a2=0 a3=ffffffffffffffff items=0 ppid=4200 pid=4242 auid=4294967295 uid=0 gid=0 \
        euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 \
        comm="unshare" exe=? subj=? key="nstrace"
        """,
        """
        type=NS_CREATE \(stamp) op=clone3 nstype=net dev=00:04 ino=4026532281 old-dev=00:04 \
        old-ino="4026531833" opid=4243 contid=-1 res=1
        """,
      ])
    #expect(
      format.lines(of: SampleEvents.late) == [
        """
        type=NS_CREATE \(stamp) op=late nstype=net dev=00:04 ino=4026532281 old-dev=? old-ino=? \
        nsid="4711" opid=4242 contid=-1 res=1
        """
      ])
  }

  @Test func `a kind has the name of its link in proc`() {
    let lines = NamespaceKind.allCases.map { kind in
      format.lines(of: .make([.destroyed(NamespaceID(kind: kind, inum: 1, nsid: 0))]))[0]
    }
    let names = lines.map { $0.firstMatch(of: #/ nstype=([a-z]+) /#)?.1 }
    #expect(names == ["mnt", "uts", "ipc", "pid", "user", "net", "cgroup", "time"])
  }

  @Test func `an operation has the name of the contract`() {
    let lines = NSTrace.Operation.allCases.map { format.lines(of: .make([.destroyed(by: $0)]))[0] }
    let names = lines.map { $0.firstMatch(of: #/: op=([a-z0-9]+) /#)?.1 }
    #expect(
      names == [
        "clone", "clone3", "unshare", "setns", "exec", "exit", "late", "resync", "assign",
        "release",
      ])
  }

  @Test func `a time before the epoch is the epoch: audit has no sign`() {
    var event = SampleEvents.late
    event.timeNs = -1
    #expect(format.lines(of: event)[0].hasPrefix("type=NS_CREATE msg=audit(0.000:17): "))
  }

  @Test(arguments: [(0, "00:00"), (0x1_2000_6783_459a, "12345:6789a")] as [(UInt64, String)])
  func `a device is major and minor`(_ device: UInt64, _ text: String) {
    var event = SampleEvents.late
    event.nsfsDev = device
    #expect(format.lines(of: event)[0].contains(" dev=\(text) "))
  }
}

// MARK: - Types

extension AuditLineFormatTests {
  private func types(of event: AuditEvent, base: UInt32) -> [String] {
    AuditLineFormat(spelling: .numbers(base: base)).lines(of: event).map {
      String($0.prefix { $0 != " " })
    }
  }

  @Test func `an audit log has our types by number and the kernel's by name`() {
    let base = RecordType.defaultBase
    #expect(
      types(of: SampleEvents.created, base: base)
        == ["type=SYSCALL", "type=UNKNOWN[1390]", "type=PROCTITLE"])
    #expect(types(of: SampleEvents.refusedWithoutKind, base: base)[1] == "type=UNKNOWN[1391]")
    #expect(types(of: SampleEvents.destroyed, base: base)[1] == "type=UNKNOWN[1392]")
    #expect(types(of: SampleEvents.lost, base: base) == ["type=SYSCALL", "type=UNKNOWN[1396]"])
  }

  @Test func `but for that and the key of SYSCALL the records are the same`() {
    let names = [
      "NS_CREATE", "NS_CHANGE", "NS_DESTROY", "NS_INFO", "CONTAINER_ID", "CONTAINER_OP", "NS_LOST",
      "CONTAINER_SESSION",
    ]
    for event in SampleEvents.all where event.call != nil || event.lifecycle != nil {
      let numbers = AuditLineFormat(spelling: .numbers(base: 1390)).lines(of: event)
      let renamed = format.lines(of: event).map { line in
        zip(names, 1390...).reduce(line) {
          $0.replacing("type=\($1.0) ", with: "type=UNKNOWN[\($1.1)] ")
        }
      }
      let keyless = numbers.map { $0.replacing(/key="[^"]*"/, with: "key=\"nstrace\"") }
      #expect(keyless == renamed)
    }
  }

  /// What audit's readers say of an event is the key of its SYSCALL record.
  @Test(
    arguments: [
      (SampleEvents.created, "create-net:[4026532281]"),
      (SampleEvents.changed, "change-net:[4026532281]"),
      (SampleEvents.destroyed, "destroy-mnt:[4026532282]/destroy-net:[4026532281]"),
      (SampleEvents.refused, "create-mnt/create-net"),
      (SampleEvents.refusedWithoutKind, "change-?"),
      (SampleEvents.registered, "assign-net:[4026532281]/set-42"),
      (SampleEvents.registrationRefused, "set-00000000-0000-0001-0000-000000000002"),
      (SampleEvents.dropped, "drop-42"), (SampleEvents.left, "leave-42"),
      (SampleEvents.lost, "lost-5-fork"), (SampleEvents.resynced, "lost-1099511627776-all"),
    ])
  func `the key says what happened to which namespace`(event: AuditEvent, key: String) {
    let lines = AuditLineFormat(spelling: .numbers(base: 1390)).lines(of: event)
    #expect(lines[0].hasPrefix("type=SYSCALL "))
    #expect(lines[0].contains(" key=\"nstrace/\(key)\""))
    #expect(format.lines(of: event).allSatisfy { !$0.contains("nstrace/") })
  }

  @Test func `the key of an event about very many is bounded`() throws {
    var event = SampleEvents.dropped
    event.namespaces = (0..<2000).map { .destroyed(NamespaceID(kind: .uts, inum: $0, nsid: 0)) }
    event.containers += Array(repeating: event.containers[0], count: 2000)
    let line = try #require(AuditLineFormat(spelling: .numbers(base: 1390)).lines(of: event).first)
    #expect(line.contains("/destroy-uts:[31]/more\""))
    event.namespaces = []
    let threads = AuditLineFormat(spelling: .numbers(base: 1390)).lines(of: event)[0]
    #expect(threads.contains(" key=\"nstrace/drop-42\""))
  }

  @Test func `what no system call caused is led by a SYSCALL record all the same`() {
    let lead = AuditLineFormat(spelling: .numbers(base: 1390))
    #expect(
      lead.lines(of: SampleEvents.destroyed)[0] == """
        type=SYSCALL \(stamp) arch=c000003e syscall=-1 success=yes exit=0 a0=0 a1=0 a2=0 a3=0 \
        items=0 ppid=4200 pid=4242 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 \
        fsgid=0 tty=pts0 ses=3 comm="unshare" exe="/usr/bin/unshare" subj=? \
        key="nstrace/destroy-mnt:[4026532282]/destroy-net:[4026532281]"
        """)
    #expect(
      lead.lines(of: SampleEvents.lost)[0] == """
        type=SYSCALL \(stamp) arch=c000003e syscall=-1 success=yes exit=0 a0=0 a1=0 a2=0 a3=0 \
        items=0 ppid=0 pid=0 auid=4294967295 uid=4294967295 gid=4294967295 euid=4294967295 \
        suid=4294967295 fsuid=4294967295 egid=4294967295 sgid=4294967295 fsgid=4294967295 \
        tty=(none) ses=4294967295 comm=? exe=? subj=? key="nstrace/lost-5-fork"
        """)
    #expect(
      lead.lines(of: SampleEvents.registrationRefused)[0].contains(" success=no exit=-16 a0=0 "))
  }

  @Test func `the numbers can be moved anywhere`() {
    #expect(types(of: SampleEvents.destroyed, base: 2000)[1] == "type=UNKNOWN[2002]")
    #expect(types(of: SampleEvents.lost, base: .max)[1] == "type=UNKNOWN[4294967301]")
  }

  @Test func `the types are those of the contract`() {
    let numbers = RecordType.allCases.map { type in
      type.offset.map { "\(type.name) \(RecordType.defaultBase + $0)" } ?? "\(type.name)"
    }
    #expect(
      numbers == [
        "SYSCALL", "NS_CREATE 1390", "NS_CHANGE 1391", "NS_DESTROY 1392", "NS_INFO 1393",
        "CONTAINER_ID 1394", "CONTAINER_OP 1395", "NS_LOST 1396", "CONTAINER_SESSION 1397",
        "PROCTITLE",
        "VIRT_CONTROL", "VIRT_RESOURCE", "VIRT_MACHINE_ID",
      ])
  }
}
