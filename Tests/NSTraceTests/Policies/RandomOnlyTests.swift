// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Nobody chooses an ID (T6). The sentences are Cox's.
@Suite struct RandomOnlyTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
  ]

  private func run(_ steps: History.Step...) -> History {
    History(under: RandomOnlyPolicy(), Self.start + steps)
  }

  private let uuid = "6f1c6b0e-0001-4abc-8def-0123456789ab"
  private let next = "6f1c6b0e-0002-4abc-8def-0123456789ab"

  @Test func `"the kernel picked the UUID randomly": one that the caller chose is refused`() {
    let run = run(.register(2, "5"), .register(3, uuid, .init(isRandom: true)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EPERM", "set \(uuid) opid 3 <- -1"])
  }

  @Test func `that it was chosen is said before that the task is gone`() {
    let run = run(.register(2, "5", .init(isFound: false)))
    #expect(run.lines == ["set 5 opid 2 <- -1 EPERM"])
  }
}

// MARK: - setauditid(void)

extension RandomOnlyTests {
  private static let writer = RegistrationFacts(isCapable: false, isWriter: true, isRandom: true)

  @Test func `"simple as checking CAP_AUDIT_WRITE to see if you are allowed to setauditit()"`() {
    let run = run(.register(2, uuid, by: 2, Self.writer), .fork(2, 4))
    #expect(run.lines == ["set \(uuid) opid 2 <- -1"])
    #expect([2, 4].map(run.contid) == [uuid, uuid])
    var other = Self.writer
    (other.isCapable, other.isWriter) = (true, false)
    #expect(self.run(.register(2, uuid, by: 2, other)).lines == ["set \(uuid) opid 2 <- -1 EPERM"])
  }

  @Test func `"an irrevocable tag": who has an ID gets no other`() {
    let run = run(.register(2, uuid, by: 2, Self.writer), .register(2, next, by: 2, Self.writer))
    #expect(run.lines.last == "set \(next) opid 2 <- \(uuid) EEXIST")
    #expect(run.contid(2) == uuid)
  }

  @Test func `"setauditid(void)": nobody chooses its own ID`() {
    var chosen = Self.writer
    chosen.isRandom = false
    #expect(run(.register(2, "5", by: 2, chosen)).lines == ["set 5 opid 2 <- -1 EPERM"])
  }

  @Test func `who is inside a container does not get out by it`() {
    let run = run(
      .unshare(2, [.net: 101]), .register(2, uuid, .init(isRandom: true)), .setns(3, [.net: 101]),
      .register(3, next, by: 3, Self.writer), .unshare(3, [.uts: 103]))
    #expect(
      run.lines.suffix(2) == [
        "set \(next) opid 3 <- -1 EEXIST", "create unshare uts 3: 103 <- 2 cses=1",
      ])
  }

  @Test func `nor who is in one by its cgroup`() {
    let run = History(
      under: RandomOnlyPolicy(), containers: .cgroup,
      Self.start + [
        .cgroup(2, "/lxc.payload.a"), .attach(2, 2), .register(2, uuid, by: 2, Self.writer),
      ])
    let a = ContainerID(runtimeID: Array("a".utf8))
    #expect(run.lines.last == "set \(uuid) opid 2 <- \(a) EEXIST")
    #expect(run.contid(2) == "\(a)")
  }

  @Test func `CAP_AUDIT_WRITE is for oneself alone`() {
    var family = Self.writer
    (family.family, family.includesDescendants) = ([4], true)
    #expect(
      run(.register(2, uuid, by: 3, Self.writer)).lines == ["set \(uuid) opid 2 <- -1 EPERM"])
    #expect(
      run(.fork(2, 4), .register(2, uuid, by: 2, family)).lines
        == ["set \(uuid) opid 2 <- -1 EPERM"])
    (family.isCapable, family.includesDescendants) = (true, false)
    #expect(
      run(.fork(2, 4), .register(2, uuid, by: 2, family)).lines
        == ["set \(uuid) opid 2 <- -1 EBUSY"])
  }

  @Test func `no other policy lets a process register itself`() {
    for policy in ContainerPolicies.all where !policy.letsRegisterSelf {
      var facts = Self.writer
      facts.isCapable = true
      let run = History(under: policy, Self.start + [.register(2, "5", by: 2, facts)])
      #expect(
        ["set 5 opid 2 <- -1 EXDEV", "set 5 opid 2 <- -1 EPERM"].contains(run.lines.first),
        "\(policy.name)")
      #expect(run.contid(2) == "-1")
    }
  }
}
