// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceConformance

@Suite struct PolicyComparisonTests {
  private static let steps: [History.Step] = [
    .host, .snapshot(1, 9), .fork(1, 2), .register(2, "5"), .fork(2, 3), .register(3, "6", by: 2),
    .unshare(3, [.uts: 101]), .exit(3), .exit(2),
  ]

  private func comparison(_ names: [String], _ steps: [History.Step] = steps) throws
    -> PolicyComparison
  {
    var comparison = PolicyComparison(of: names.compactMap(ContainerPolicies.named))
    var decoder = EventDecoder()
    for bytes in History(steps).steps {
      try decoder.decode(bytes.span.bytes, into: &comparison)
    }
    return comparison
  }

  private func table(_ names: [String]) throws -> String {
    var text = TextBuffer()
    try comparison(names).writeTable(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }

  @Test func `policies that differ stand side by side, a line for each event`() throws {
    #expect(
      try table(["rfc", "nested"]) == """
        SERIAL  TIME (UTC)    OP        TASK  rfc       nested
        2       00:00:00.000  register  3     EEXIST    set 6 in 5
        3       00:00:00.000  unshare   3     contid 5  contid 6,^5
        4       00:00:00.000  exit      3     contid 5  drop 6
        5 events, on 3 of them the policies differ

        """)
  }

  @Test func `an event that only one of them has is there`() throws {
    let uuid = NamespaceHash(NamespacePlace.initial.with([.uts: 101]).memberships).uuid()
    let found = try comparison(
      ["rfc", "automatic"],
      [
        .host, .snapshot(1, 9), .clone(1, 2, [.uts: 101]), .fork(1, 3), .setns(3, [.uts: 101]),
        .exit(2), .exit(3),
      ])
    #expect(found.events == 3)
    #expect(
      found.differences.map(\.said) == [
        ["contid -1", "set \(uuid.brief)"], ["contid -1", "set \(uuid.brief)"],
        ["contid -1", "drop \(uuid.brief)"],
      ])
    let other = try comparison(
      ["xid", "tags"],
      [
        .host, .snapshot(1, 9), .fork(1, 2), .register(2, "4294967296"), .exit(2),
      ])
    #expect(
      other.differences.map(\.said) == [["EINVAL", "set 4294967296"], ["-", "drop 4294967296"]])
    #expect(other.differences.map(\.serial) == [1, nil])
  }

  @Test func `the same policy twice does not differ`() throws {
    #expect(
      try table(["tags", "tags"]) == """
        SERIAL  TIME (UTC)  OP  TASK  tags  tags
        5 events, on 0 of them the policies differ

        """)
  }

  @Test func `nstrace compare prints it, and ends with 0`() throws {
    let scratch = try ScratchDirectory()
    let dump = scratch.file("x.nsdump")
    var host = nst_host.make()
    host.initial = NamespacePlace.initial.wire
    let first = DumpFile.encoded { $0.append(host, release: [], hostname: [], version: []) }
    _ = try DumpFile.write([first] + History(Self.steps).steps.dropFirst(), to: dump)
    var process = try ChildProcess(
      BuiltProducts.nstrace, ["compare", dump, "--policy", "rfc", "--policy", "nested"])
    #expect(try process.waitForExit() == .exited(0))
    let printed = process.outputText
    #expect(printed == (try table(["rfc", "nested"])))
    var replay = try ChildProcess(
      BuiltProducts.nstrace, ["replay", dump, "--format", "audit", "--policy", "nested"])
    #expect(try replay.waitForExit() == .exited(0))
    #expect(replay.outputText.contains(#" contid="6,^5" "#))
  }

  @Test(arguments: [["--policy", "rfc"], [], ["--policy", "rfc", "--policy", "none"]])
  func `one policy, or one that is none, is wrong usage`(_ options: [String]) throws {
    var process = try ChildProcess(BuiltProducts.nstrace, ["compare", "x.nsdump"] + options)
    #expect(try process.waitForExit() == .exited(64))
  }
}
