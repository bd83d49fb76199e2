// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// What tests/containerid/test of the kernel series asserts, as far as it has a meaning here. Left
/// out: signals (OBJ_PID) and packets (NETFILTER_PKT), which nstrace does not record, capcontid, and
/// whether auditctl takes the rules.
@Suite struct KernelV11Tests {
  /// The test script is 10, its children 11 to 15.
  private static let start: [History.Step] = [
    .host, .snapshot(1, 10), .fork(10, 11), .fork(10, 12), .fork(10, 13),
  ]

  private static let unset = "18446744073709551615"

  private func run(_ steps: History.Step...) -> History {
    History(under: KernelV11Policy(), Self.start + steps)
  }

  private static func set(
    _ target: UInt32, _ id: String, by caller: UInt32 = 10, family: [UInt32] = [],
    descends: Bool = true, isCapable: Bool = true
  ) -> History.Step {
    .register(
      target, id, by: caller, .init(family: family, isCapable: isCapable, descends: descends))
  }

  // MARK: Setting

  @Test func `set self fails and is recorded with opid and contid`() {
    let run = run(Self.set(10, "1", descends: false))
    #expect(run.lines == ["set 1 opid 10 <- -1 EXDEV"])
    #expect(run.contid(10) == "-1")
  }

  @Test func `set child succeeds`() {
    let run = run(Self.set(11, "1"))
    #expect(run.lines == ["set 1 opid 11 <- -1"])
    #expect(run.contid(11) == "1")
  }

  @Test func `set the same again fails`() {
    let run = run(Self.set(11, "1"), Self.set(11, "1"))
    #expect(run.lines.last == "set 1 opid 11 <- 1 EEXIST")
  }

  @Test func `unset fails`() {
    let run = run(Self.set(11, "1"), Self.set(11, Self.unset))
    #expect(run.lines.last == "set \(Self.unset) opid 11 <- 1 EINVAL")
    #expect(run.contid(11) == "1")
  }

  @Test func `set to another by the same orchestrator fails`() {
    let run = run(Self.set(11, "1"), Self.set(11, "2"))
    #expect(run.lines.last == "set 2 opid 11 <- 1 EEXIST")
    #expect(run.contid(11) == "1")
  }

  @Test func `injection of a second task into a container succeeds`() {
    let run = run(Self.set(11, "1"), Self.set(12, "1"))
    #expect([11, 12].map(run.contid) == ["1", "1"])
  }

  @Test func `injection by another orchestrator fails`() {
    let run = run(.fork(11, 14), Self.set(12, "1"), Self.set(14, "1", by: 11))
    #expect(run.lines.last == "set 1 opid 14 <- -1 ENOTUNIQ")
  }

  @Test func `injection once the owner is gone fails`() {
    let run = run(Self.set(11, "1"), .fork(12, 14), .exit(10), Self.set(14, "1", by: 12))
    #expect(run.lines.last == "set 1 opid 14 <- -1 ENOTUNIQ")
  }

  @Test func `set child that has a child fails`() {
    let run = run(.fork(11, 14), Self.set(11, "1", family: [14]))
    #expect(run.lines.last == "set 1 opid 11 <- -1 EBUSY")
    #expect([11, 14].map(run.contid) == ["-1", "-1"])
  }

  @Test func `set child that has a thread fails`() {
    let run = run(.thread(11, 14), Self.set(11, "1", family: [14]))
    #expect(run.lines.last == "set 1 opid 11 <- -1 EBUSY")
  }

  @Test func `set without CAP_AUDIT_CONTROL fails`() {
    let run = run(Self.set(11, "1", isCapable: false))
    #expect(run.lines == ["set 1 opid 11 <- -1 EPERM"])
  }

  @Test func `set a task that is no descendant fails`() {
    let run = run(Self.set(1, "1", descends: false))
    #expect(run.lines == ["set 1 opid 1 <- -1 EXDEV"])
  }

  @Test func `an ID of more than 64 bits is malformed, before all else`() {
    let uuid = "6f1c6b0e-0001-4abc-8def-0123456789ab"
    let run = run(Self.set(11, uuid, isCapable: false))
    #expect(run.lines == ["set \(uuid) opid 11 <- -1 EINVAL"])
  }

  // MARK: Records

  /// ` opid=([0-9]+) contid=([0-9]+) ` in the kernel's test suite; ours have quotes around an ID.
  @Test func `every set is recorded with opid and contid, the refused ones too`() throws {
    let steps: [History.Step] = [
      Self.set(10, "1", descends: false), Self.set(11, "1"), Self.set(11, Self.unset),
      Self.set(11, "1"), Self.set(12, "1"), .fork(13, 14), Self.set(13, "2", family: [14]),
    ]
    let lines = AuditLines(under: KernelV11Policy(), Self.start + steps).of("CONTAINER_OP")
    let found = lines.map { line in
      line.firstMatch(
        of: /op=set opid=([0-9]+) contid="([0-9]+)" old-contid="?([-0-9]+)"? .*res=([01])/
      )
      .map { "\($0.1) \($0.2) \($0.3) \($0.4)" }
    }
    #expect(
      found == [
        "10 1 -1 0", "11 1 -1 1", "11 \(Self.unset) 1 0", "11 1 1 0", "12 1 -1 1", "13 2 -1 0",
      ])
  }

  @Test func `a system call in a container has record=1, and CONTAINER_ID the contid`() {
    let lines = AuditLines(
      under: KernelV11Policy(),
      Self.start + [Self.set(11, "1"), .unshare(11, [.uts: 101])])
    #expect(lines.of("SYSCALL").map { $0.hasSuffix(#" record="1""#) } == [true])
    #expect(lines.of("CONTAINER_ID").last?.hasSuffix(#" record="1" contid="1" rel=member"#) == true)
  }

  @Test func `nested containers are printed innermost first, parents with a caret`() {
    let lines = AuditLines(
      under: KernelV11Policy(),
      Self.start + [
        Self.set(11, "1"), .fork(11, 14), Self.set(14, "2", by: 11), .fork(14, 15),
        Self.set(15, "4", by: 14), .unshare(15, [.uts: 101]),
      ])
    #expect(
      lines.of("CONTAINER_ID").last?.hasSuffix(#" record="1" contid="4,^2,^1" rel=member"#) == true)
    #expect(
      lines.of("NS_CREATE").map { $0.contains(#" contid="4,^2,^1" cses="0" res=1"#) } == [true])
    #expect(lines.of("CONTAINER_OP").last?.contains(#" contid="4" old-contid="2,^1" "#) == true)
  }

  @Test func `nesting is for an orchestrator inside the container`() {
    let run = run(Self.set(11, "1"), .fork(11, 14), Self.set(14, "2", by: 10))
    #expect(run.lines.last == "set 2 opid 14 <- 1 EEXIST")
  }

  @Test func `a nested container may not be nested again by its owner`() {
    let run = run(
      Self.set(11, "1"), .fork(11, 14), Self.set(14, "2", by: 11), Self.set(14, "3", by: 11))
    #expect(run.contid(14) == "2,^1")
    #expect(run.lines.last == "set 3 opid 14 <- 2,^1 EEXIST")
  }

  @Test func `two containers in one network namespace are both in its list`() {
    let lines = AuditLines(
      under: KernelV11Policy(),
      Self.start + [
        .fork(10, 14), .unshare(11, [.net: 101]), .setns(12, [.net: 101]), Self.set(11, "1"),
        Self.set(12, "2"), .setns(14, [.net: 101]),
      ])
    #expect(lines.of("NS_CHANGE").last?.contains(#" contid=-1 cses="1" ns-contid="1,2" "#) == true)
    #expect(
      lines.of("CONTAINER_ID").last?.hasSuffix(#" contid="1,2" cses="1" rel=inside"#) == true)
  }

  @Test func `the filter on contid finds its records and no others`() {
    let filtered = AuditLines(
      under: KernelV11Policy(),
      Self.start + [
        Self.set(11, "1"), Self.set(12, "2"), .unshare(11, [.uts: 101]), .unshare(12, [.uts: 102]),
      ]
    ) { $0.containerIDs = [ContainerID(high: 0, low: 1)] }
    #expect(filtered.of("NS_CREATE").map { $0.contains(#" contid="1" "#) } == [true])
    #expect(filtered.of("CONTAINER_OP").map { $0.contains(#" opid=11 contid="1" "#) } == [true])
  }

  @Test func `the last exit drops, with contid -1 and the old contid`() {
    let lines = AuditLines(
      under: KernelV11Policy(),
      Self.start + [Self.set(11, "1"), .fork(11, 14), .exit(11), .exit(14)])
    #expect(
      lines.of("CONTAINER_OP").last?.contains(#" op=drop opid=14 contid=-1 old-contid="1" "#)
        == true)
    #expect(lines.of("CONTAINER_OP").count == 2)
  }
}
