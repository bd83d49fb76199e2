// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct JSONLinesFormatTests {
  private let format = JSONLinesFormat()
  private let stamp = #""time":"2026-11-21T23:08:55.123456789Z","serial":17"#
  private let ids = """
    "ppid":4200,"pid":4242,"auid":1000,"uid":0,"gid":0,"euid":0,"suid":0,"fsuid":0,"egid":0,\
    "sgid":0,"fsgid":0,"tty":"pts0","ses":3,"comm":"unshare","exe":"/usr/bin/unshare",\
    "key":"nstrace"
    """
  private let subject = """
    "pid":4242,"uid":0,"auid":1000,"ses":3,"comm":"unshare","exe":"/usr/bin/unshare"
    """
  private let net = """
    "nstype":"net","dev":"00:04","ino":4026532281,"old_dev":"00:04","old_ino":4026531833,\
    "nsid":4711,"old_nsid":6,"opid":4242
    """
  private var proctitle: String {
    #"{"type":"PROCTITLE",\#(stamp),\#(subject),"proctitle":"unshare --net"}"#
  }

  private func syscall(_ fields: String) -> String {
    #"{"type":"SYSCALL",\#(stamp),"arch":"c000003e",\#(fields),"items":0,\#(ids)}"#
  }

  @Test func `a created namespace`() {
    #expect(
      format.lines(of: SampleEvents.created) == [
        syscall(
          #""syscall":272,"success":true,"exit":0,"a0":"40000000","a1":"0","a2":"0","a3":"0""#),
        #"{"type":"NS_CREATE",\#(stamp),"op":"unshare",\#(net),\#(subject),"contid":[],"res":true}"#,
        proctitle,
      ])
  }

  @Test func `a changed namespace`() {
    #expect(
      format.lines(of: SampleEvents.changed) == [
        syscall(
          #""syscall":308,"success":true,"exit":0,"a0":"3","a1":"40000000","a2":"0","a3":"0""#),
        #"""
        {"type":"NS_CHANGE",\#(stamp),"op":"setns",\#(net),\#(subject),"contid":[],\#
        "ns_contid":[],"res":true}
        """#,
        proctitle,
      ])
  }

  @Test func `every record says who it was`() {
    let head = #"{"type":"NS_DESTROY",\#(stamp),"op":"exit""#
    let tail = #""opid":4242,\#(subject),"contid":[],"pinned":null,"res":true}"#
    #expect(
      format.lines(of: SampleEvents.destroyed) == [
        #"\#(head),"nstype":"mnt","dev":"00:04","ino":4026532282,"nsid":4712,\#(tail)"#,
        #"\#(head),"nstype":"net","dev":"00:04","ino":4026532281,"nsid":4711,\#(tail)"#,
      ])
  }

  @Test(arguments: [true, false])
  func `whether the kernel's object lives on`(isPinned: Bool) {
    var event = SampleEvents.destroyed
    event.namespaces[1].isPinned = isPinned
    #expect(format.lines(of: event)[1].hasSuffix(#""contid":[],"pinned":\#(isPinned),"res":true}"#))
  }

  @Test func `what the kernel refused`() {
    let head = #"{"type":"NS_CREATE",\#(stamp),"op":"unshare""#
    let tail = #""opid":4242,\#(subject),"contid":[],"res":false}"#
    #expect(
      format.lines(of: SampleEvents.refused) == [
        syscall(
          #""syscall":272,"success":false,"exit":-1,"a0":"40020000","a1":"0","a2":"0","a3":"0""#),
        #"""
        \#(head),"nstype":"mnt","ino":null,"old_dev":"00:04","old_ino":4026531832,\#
        "old_nsid":1,\#(tail)
        """#,
        #"""
        \#(head),"nstype":"net","ino":null,"old_dev":"00:04","old_ino":4026531833,\#
        "old_nsid":6,\#(tail)
        """#,
        proctitle,
      ])
  }

  @Test func `a refused setns that did not say which kind`() {
    #expect(
      format.lines(of: SampleEvents.refusedWithoutKind) == [
        syscall(#""syscall":308,"success":false,"exit":-22,"a0":"7","a1":"0","a2":"0","a3":"0""#),
        #"""
        {"type":"NS_CHANGE",\#(stamp),"op":"setns","ino":null,"opid":4242,\#(subject),\#
        "contid":[],"ns_contid":[],"res":false}
        """#,
      ])
  }

  @Test func `a loss, and what made it good`() {
    let since = #""since":"2026-11-21T23:08:55.122456789Z""#
    #expect(
      format.lines(of: SampleEvents.lost) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":5,"kind":"fork",\#(since),"resynced":false,\#
        "res":true}
        """#
      ])
    #expect(
      format.lines(of: SampleEvents.skipped) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":7,"kind":"switch",\#(since),"resynced":false,\#
        "cause":"skipped","res":true}
        """#
      ])
    #expect(
      format.lines(of: SampleEvents.suppressed) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":9,"kind":"switch",\#(since),"resynced":false,\#
        "cause":"share","uid":65534,"cgroup":"/user.slice/a b","res":true}
        """#
      ])
    #expect(
      format.lines(of: SampleEvents.suppressedOfSeveral) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":2,"kind":"clone",\#(since),"resynced":false,\#
        "cause":"share","cgroup":null,"res":true}
        """#
      ])
    #expect(
      format.lines(of: SampleEvents.resynced) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":1099511627776,"kind":"all",\#(since),\#
        "resynced":true,"res":true}
        """#
      ])
  }

  @Test(arguments: [LostRecord.Cause.stdout, .log, .route])
  func `what only this output lacks`(_ cause: LostRecord.Cause) {
    #expect(
      format.lines(of: SampleEvents.missing(cause)) == [
        #"""
        {"type":"NS_LOST",\#(stamp),"lost":9,"kind":"all",\#
        "since":"2026-11-21T23:08:55.122456789Z","resynced":false,"cause":"\#(cause)","res":true}
        """#
      ])
  }

  @Test func `what is not known or not there is absent, what is unset is audit's number`() {
    let ids = """
      "ppid":4200,"pid":4242,"auid":4294967295,"uid":0,"gid":0,"euid":0,"suid":0,"fsuid":0,\
      "egid":0,"sgid":0,"fsgid":0,"ses":4294967295,"comm":"unshare","key":"nstrace"
      """
    #expect(
      format.lines(of: SampleEvents.bare) == [
        #"""
        {"type":"SYSCALL",\#(stamp),"arch":"c000003e","syscall":435,"success":true,"exit":4243,\#
        "a0":"7ffd00000000","a1":"58","a2":"0","a3":"ffffffffffffffff","items":0,\#(ids)}
        """#,
        #"""
        {"type":"NS_CREATE",\#(stamp),"op":"clone3","nstype":"net","dev":"00:04",\#
        "ino":4026532281,"old_dev":"00:04","old_ino":4026531833,"opid":4243,"pid":4242,\#
        "uid":0,"auid":4294967295,"ses":4294967295,"comm":"unshare","contid":[],"res":true}
        """#,
      ])
    #expect(
      format.lines(of: SampleEvents.late) == [
        #"""
        {"type":"NS_CREATE",\#(stamp),"op":"late","nstype":"net","dev":"00:04",\#
        "ino":4026532281,"nsid":4711,"opid":4242,"contid":[],"res":true}
        """#
      ])
  }
}
