// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// `--virt`: which lifecycle events a container's records are followed by (T8).
@Suite struct LifecycleTests {
  private static let start: [History.Step] = [
    .host, .snapshot(1, 9), .clone(1, 2, [.net: 101, .uts: 111]),
  ]

  private func told(_ steps: History.Step...) -> [String] {
    let run = History(options: TrackerOptions(tellsLifecycle: true), Self.start + steps)
    #expect(run.events.map(\.serial) == Array(1...UInt64(run.events.count)))
    return run.events.compactMap { event in
      event.lifecycle.map { "\(event.serial) \($0.line)" }
    }
  }

  @Test func `a start names the machine, what it has for itself, and that it runs`() {
    #expect(
      told(.register(2, "5")) == [
        "3 machine 5", "4 uts 111", "5 net 101", "6 start 5 pid 2",
      ])
  }

  @Test func `in the host's namespaces it has none of its own`() {
    #expect(told(.fork(1, 4), .register(4, "5")) == ["3 machine 5", "4 start 5 pid 4"])
  }

  @Test func `the end is one event, and takes nothing back`() {
    #expect(told(.register(2, "5"), .fork(2, 4), .exit(2), .exit(4)).last == "8 stop 5 pid 0")
    #expect(told(.register(2, "5"), .exit(2)).count == 5)
  }

  @Test func `a refusal is a start that failed`() {
    let facts = RegistrationFacts(isCapable: false)
    #expect(told(.register(2, "5", facts)) == ["3 start 5 pid 2 failed"])
  }

  @Test func `a second process in a container starts nothing`() {
    #expect(told(.register(2, "5"), .fork(1, 4), .register(4, "5")).count == 4)
  }

  @Test func `the namespaces of another task with the target's tid are none of its own`() {
    #expect(
      told(
        .exit(2), .clone(1, 2, [.net: 102]), History.Step { $0.change(2, start: 7) { _ in } },
        .register(2, "5", .init(hasNumber: false))
      ) == ["5 machine 5", "6 start 5 pid 2", "7 stop 5 pid 0"])
  }

  @Test func `with all its descendants it starts once`() {
    let facts = RegistrationFacts(family: [4], includesDescendants: true)
    #expect(
      told(.fork(2, 4), .register(2, "5", facts)).filter { $0.contains("start") }
        == ["6 start 5 pid 2"])
  }
}

extension LifecycleRecord {
  fileprivate var line: String {
    switch step {
    case .machineID: "machine \(id)"
    case .resource(let namespace): "\(namespace.kind) \(namespace.inum)"
    case .start: "start \(id) pid \(pid)" + (granted ? "" : " failed")
    case .stop: "stop \(id) pid \(pid)"
    }
  }
}
