// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// Whose a container is, where who asks lives no longer than the question (T3, R1).
@Suite struct OwnerTests {
  private static let policies = ["rfc", "nested", "kernel-v11"]

  /// Orchestrators 8 and 9 below init, and targets 2 to 4.
  private static let start: [History.Step] = [
    .host, .capable(1, ppid: 0), .capable(8), .capable(9), .snapshot(1, 8, 9), .fork(1, 2),
    .fork(1, 3), .fork(1, 4),
  ]

  /// A process of an orchestrator's own, as `nstrace register` is: it asks, and ends.
  private static func client(
    _ tid: UInt32, of orchestrator: UInt32, asks id: String, for target: UInt32
  ) -> [History.Step] {
    [
      .fork(orchestrator, tid), .capable(tid, ppid: orchestrator), .exec(tid),
      .register(target, id, by: tid, RegistrationFacts(hasNumber: false)), .exit(tid),
    ]
  }

  private static let first = client(20, of: 9, asks: "5", for: 2)

  private func run(_ policy: String, _ steps: [History.Step]...) throws -> History {
    let policy = try #require(ContainerPolicies.named(policy))
    return History(under: policy, Self.start + Self.first + steps.flatMap(\.self))
  }

  @Test(arguments: policies)
  func `the same orchestrator, by another client, puts a second process into it`(
    _ policy: String
  ) throws {
    let run = try run(
      policy, Self.client(21, of: 9, asks: "5", for: 3), Self.client(22, of: 9, asks: "5", for: 4))
    #expect(run.lines == [2, 3, 4].map { "set 5 opid \($0) <- -1" })
  }

  @Test(arguments: policies)
  func `another orchestrator does not, while the first one lives`(_ policy: String) throws {
    let run = try run(policy, Self.client(21, of: 8, asks: "5", for: 3))
    #expect(run.lines.last == "set 5 opid 3 <- -1 ENOTUNIQ")
  }

  /// Into a container within a container, as the fault was found.
  @Test func `the same of a nested container`() {
    let nested: [History.Step] = Self.start + [.register(2, "1", by: 8), .fork(2, 5), .fork(2, 6)]
    let run = History(
      under: NestedPolicy(),
      nested + Self.client(20, of: 9, asks: "7", for: 5)
        + Self.client(21, of: 9, asks: "7", for: 6))
    #expect([5, 6].map(run.contid) == ["7,^1", "7,^1"])
  }

  @Test(arguments: policies)
  func `when it has ended, the container is its nearest capable ancestor's`(
    _ policy: String
  ) throws {
    let run = try run(policy, [.exit(9)], Self.client(21, of: 8, asks: "5", for: 3))
    #expect(run.lines.last == "set 5 opid 3 <- -1")
  }

  @Test(arguments: [("rfc", ""), ("nested", " ENOTUNIQ"), ("kernel-v11", " ENOTUNIQ")])
  func `who is not capable owns nothing, and where nobody is left the policy says who may`(
    _ policy: String, _ refusal: String
  ) throws {
    let policy = try #require(ContainerPolicies.named(policy))
    let start: [History.Step] = [
      .host, .capable(8), .capable(9), .snapshot(1, 8, 9), .fork(1, 2), .fork(1, 3),
    ]
    let run = History(
      under: policy,
      start + Self.first + [.exit(9)] + Self.client(21, of: 8, asks: "5", for: 3))
    #expect(run.lines.last == "set 5 opid 3 <- -1\(refusal)")
  }

  @Test func `an ancestor without the capability is passed over, not the end of the line`() throws {
    let shell: [History.Step] = [.fork(9, 30), .capable(30, false, ppid: 9), .exec(30)]
    let run = History(
      under: NestedPolicy(),
      Self.start + shell + Self.client(20, of: 30, asks: "5", for: 2)
        + Self.client(21, of: 9, asks: "5", for: 3) + Self.client(22, of: 8, asks: "5", for: 4))
    #expect(
      run.lines == [
        "set 5 opid 2 <- -1", "set 5 opid 3 <- -1", "set 5 opid 4 <- -1 ENOTUNIQ",
      ])
  }

  @Test func `one that asks itself owns it, and asks through its children, but not its siblings`() {
    let run = History(
      under: NestedPolicy(),
      Self.start + [.fork(9, 30), .capable(30, ppid: 9), .exec(30), .register(2, "5", by: 30)]
        + Self.client(21, of: 30, asks: "5", for: 3) + Self.client(22, of: 9, asks: "5", for: 4))
    #expect(
      run.lines == [
        "set 5 opid 2 <- -1", "set 5 opid 3 <- -1", "set 5 opid 4 <- -1 ENOTUNIQ",
      ])
  }

  /// As in dumps from before 1.4, which do not say who is capable.
  @Test func `without a word about capabilities it is who asked, and nobody else's`() {
    let clients = [20, 21].map { tid -> [History.Step] in
      [.fork(9, tid), .exec(tid), .register(tid - 18, "5", by: tid), .exit(tid)]
    }
    let run = History(
      under: NestedPolicy(),
      [.host, .snapshot(1, 9), .fork(1, 2), .fork(1, 3)] + clients.flatMap(\.self))
    #expect(run.lines.last == "set 5 opid 3 <- -1 ENOTUNIQ")
  }
}
