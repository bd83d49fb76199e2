// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// What containers' copies say of events of the kernel's audit.
@Suite struct RouteKernelEventTests {
  /// A task of container 4, which is nested in 2 and 1, is refused a file.
  private static let refused = KernelEvent.make(
    (
      1300,
      #"arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ffd a2=0 a3=0 items=1"#
        + #" ppid=4000 pid=4242 auid=1000 uid=1001 gid=0 tty=pts0 ses=3 comm="cat""#
        + #" exe="/usr/bin/cat" subj=unconfined key="files""#
    ),
    (1309, #"argc=2 a0="cat" a1=2F78"#), (1307, #"cwd="/var/lib/x""#),
    (1302, #"item=0 name="/etc/shadow" inode=7 dev=fd:00 mode=0100640 ouid=0 nametype=NORMAL"#),
    (1327, "proctitle=636174"), pid: 4242, mentions: [.member("4,^2,^1")])
  /// A task of container 6 that is inside 4 makes a device there promiscuous.
  private static let intruding = KernelEvent.make(
    (1700, "dev=lo prom=256 old_prom=0 auid=1000 uid=0 gid=0 ses=3"),
    (1300, KernelEvent.call), (1306, "saddr=100000000000000000000000"), (1327, "proctitle=6970"),
    pid: 4242, mentions: [.member("6"), .inside("4,2,1", by: 3)])
  private static let login = KernelEvent.make(
    (
      1112,
      #"pid=7 uid=0 auid=1000 ses=3 subj=x msg='op=login pid=1 acct="root" addr=10.0.0.1 res=success'"#
    ),
    pid: 7, mentions: [.member("2,^1")])

  private static func copies(
    _ rules: String = "", of events: [KernelEvent] = [refused, intruding, login]
  ) throws -> ScratchRoutes {
    let rules = try RouteRules(text: rules)
    let files = try ScratchRoutes(rules)
    let routes = try Routes(files, rules, routesAll: true)
    for event in events { routes.write(event) }
    routes.finish()
    #expect(routes.missing == 0 && routes.failure == nil)
    return files
  }

  private static func refusedLines(_ list: String) -> String {
    """
    type=SYSCALL msg=audit(1795660520.030:1): arch=c000003e syscall=257 success=no exit=-13 \
    a0=ffffff9c a1=7ffd a2=0 a3=0 items=1 ppid=? pid=? auid=? uid=1001 gid=0 tty=? ses=? comm="cat" \
    exe=? subj=? key=?
    type=EXECVE msg=audit(1795660520.030:1): argc=2 a0="cat" a1=2F78
    type=CWD msg=audit(1795660520.030:1): cwd=?
    type=PATH msg=audit(1795660520.030:1): item=0 name=? inode=? dev=? mode=0100640 ouid=? \
    nametype=NORMAL
    type=UNKNOWN[1394] msg=audit(1795660520.030:1): record="1" contid="\(list)" rel=member
    type=PROCTITLE msg=audit(1795660520.030:1): proctitle=?

    """
  }

  private static func intrudingLines(_ list: String) -> String {
    """
    type=ANOM_PROMISCUOUS msg=audit(1795660520.030:2): dev=lo prom=256 old_prom=0 auid=? uid=? gid=? \
    ses=?
    type=SYSCALL msg=audit(1795660520.030:2): arch=c000003e syscall=59 success=yes exit=? pid=? \
    uid=? comm=? exe=? key=?
    type=UNKNOWN[1394] msg=audit(1795660520.030:2): record="1" contid="\(list)" cses="3" rel=inside

    """
  }

  private static func loginLines(_ list: String) -> String {
    """
    type=UNKNOWN[1394] msg=audit(1795660520.030:3): record="1" contid="\(list)" rel=member
    type=USER_LOGIN msg=audit(1795660520.030:3): pid=? uid=0 auid=? ses=? subj=? \
    msg='op=login pid=1 acct="root" addr=10.0.0.1 res=success'

    """
  }

  @Test func `a container sees what its own did and what a visitor did inside, as its own events`()
    throws
  {
    let files = try Self.copies()
    #expect(files.names == ["1.log", "2.log", "4.log", "6.log"])
    let (one, two, four) = (
      try files.text("1.log"), try files.text("2.log"), try files.text("4.log")
    )
    #expect(four == Self.refusedLines("4") + Self.intrudingLines("4"))
    #expect(two == Self.refusedLines("4,^2") + Self.intrudingLines("4,2") + Self.loginLines("2"))
    #expect(
      one == Self.refusedLines("4,^2,^1") + Self.intrudingLines("4,2,1") + Self.loginLines("2,^1"))
  }

  @Test func `the intruder's own container does not see where it was`() throws {
    let six = try Self.copies().text("6.log")
    #expect(
      six == """
        type=ANOM_PROMISCUOUS msg=audit(1795660520.030:1): dev=lo prom=256 old_prom=0 auid=? uid=0 \
        gid=0 ses=?
        type=SYSCALL msg=audit(1795660520.030:1): arch=c000003e syscall=59 success=yes exit=0 pid=? \
        uid=0 comm="sh" exe=? key=?
        type=SOCKADDR msg=audit(1795660520.030:1): saddr=?
        type=UNKNOWN[1394] msg=audit(1795660520.030:1): record="1" contid="6" rel=member
        type=PROCTITLE msg=audit(1795660520.030:1): proctitle=?

        """)
  }

  /// The names are the container's own, and the rest is the host's.
  @Test func `a device's or a table's name makes no field of the host's its own`() throws {
    let device = KernelEvent.make(
      (1700, #"dev="q prom=256 old_prom=0 auid=1234 uid=0 gid=0 ses=141"#),
      (1300, KernelEvent.call), pid: 4242, mentions: [.inside("4", by: 3)])
    let table = KernelEvent.make(
      (1325, #"table=x msg=':3 family=2 entries=1 op=nft_register_table pid=11983 comm="py""#),
      (1399, #"name="x auid=1 comm="y""#), pid: 4242, mentions: [.member("4")])
    #expect(
      try Self.copies(of: [device, table]).text("4.log") == """
        type=ANOM_PROMISCUOUS msg=audit(1795660520.030:1): dev="q prom=256 old_prom=0 auid=? uid=? \
        gid=? ses=?
        type=SYSCALL msg=audit(1795660520.030:1): arch=c000003e syscall=59 success=yes exit=? pid=? \
        uid=? comm=? exe=? key=?
        type=UNKNOWN[1394] msg=audit(1795660520.030:1): record="1" contid="4" cses="3" rel=inside
        type=NETFILTER_CFG msg=audit(1795660520.030:2): table=? msg=? family=? entries=? op=? pid=? \
        comm="py"
        type=UNKNOWN[1394] msg=audit(1795660520.030:2): record="1" contid="4" rel=member

        """)
  }

  @Test func `the parts of an event that is too long for one have one serial`() throws {
    var beginning = KernelEvent.make((1300, "syscall=59"), pid: 1, mentions: [.member("4")])
    beginning.isContinued = true
    let rest = KernelEvent.make((1309, "argc=1"), pid: 1, mentions: [.member("4")])
    #expect(
      try Self.copies(of: [beginning, rest, rest]).text("4.log") == """
        type=SYSCALL msg=audit(1795660520.030:1): syscall=59
        type=EXECVE msg=audit(1795660520.030:1): argc=1
        type=UNKNOWN[1394] msg=audit(1795660520.030:1): record="1" contid="4" rel=member
        type=EXECVE msg=audit(1795660520.030:2): argc=1
        type=UNKNOWN[1394] msg=audit(1795660520.030:2): record="1" contid="4" rel=member

        """)
  }

  @Test func `in JSON what is hidden is absent`() throws {
    let files = try Self.copies("contid=4 file=4.json format=json types=ANOM_PROMISCUOUS,CWD\n")
    let four = try files.text("4.json")
    #expect(
      four == """
        {"type":"CWD","time":"2026-11-26T02:35:20.030000000Z","serial":1,"source":"kernel",\
        "contid":["4"],"fields":{}}
        {"type":"ANOM_PROMISCUOUS","time":"2026-11-26T02:35:20.030000000Z","serial":2,\
        "source":"kernel",\
        "contid":[],"cses":3,"fields":{"dev":"lo","prom":"256","old_prom":"0"}}

        """)
  }

  @Test func `types select records of the kernel's, too`() throws {
    let files = try Self.copies("contid=2 types=USER_LOGIN,CONTAINER_ID\n")
    let two = try files.text("2.log")
    #expect(two == Self.loginLines("2").replacing(":3)", with: ":1)"))
  }

  @Test(arguments: [
    // A name, a text that was cut, and one that looks like fields.
    (#"pid=1 comm="a pid=2 auid=3" uid=0"#, #"pid=? comm="a pid=2 auid=3" uid=0"#),
    (#"pid=1 comm="cut exe="#, #"pid=? comm="cut exe="#),
    (#"pid=1 comm="#, "pid=? comm="), (#"pid=1 exe="#, "pid=? exe=?"),
    (#"pid=1 comm="x"exe="/y" uid=0"#, #"pid=? comm="x" exe="/y" uid=0"#),
    ("avc:  denied  { read } for  pid=1 path=/x", "avc: denied { read } for pid=? path=?"),
    ("", ""), ("=", "="), ("pid=1 msg='", "pid=? msg=?"), ("PID=1 Uid=0", "PID=? Uid=?"),
  ])
  func `only listed fields are shown, whatever the texts are`(
    _ text: String, _ shown: String
  ) throws {
    let event = KernelEvent.make((1326, text), pid: 1, mentions: [.member("4")])
    let lines = try Self.copies(of: [event]).text("4.log").split(separator: "\n")
    #expect(lines[0] == "type=SECCOMP msg=audit(1795660520.030:1): \(shown)")
  }
}
