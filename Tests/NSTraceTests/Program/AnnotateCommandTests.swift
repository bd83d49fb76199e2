// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct AnnotateCommandTests {
  private static let offset: Int64 = 1_700_000_000_000_000_000
  private static let scratch = Result { try ScratchDirectory.Shared() }

  /// A recording of 10 s in which task 2 is a member of container 7.
  private static let dump = Result {
    let path = try scratch.get().file("x.nsdump")
    let steps: [History.Step] = [
      .at(0, .host), .at(0, .clock(offset: offset)), .at(1_000_000, .snapshot(1, 2, 9)),
      .at(2_000_000, .register(2, "7")), .at(10_000_000_000, .fork(1, 3)),
    ]
    _ = try DumpFile.write(History(steps).steps, to: path)
    return path
  }

  private static func line(_ second: Int, pid: Int = 2) -> String {
    "type=SYSCALL msg=audit(\(1_700_000_000 + second).000:\(abs(second))): syscall=59 pid=\(pid)\n"
  }

  private static func added(_ second: Int) -> String {
    "type=UNKNOWN[1394] msg=audit(\(1_700_000_000 + second).000:\(second)): "
      + "record=\"1\" contid=\"7\" rel=member\n"
  }

  private static func log(_ name: String, _ text: String) throws -> String {
    let path = try scratch.get().file(name)
    try Files.write(Array(text.utf8), to: path)
    return path
  }

  private static func annotate(
    _ arguments: [String], input: ChildProcess.Input = .nothing
  ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
    var nstrace = try ChildProcess(
      BuiltProducts.nstrace, ["annotate", "--dump", try dump.get()] + arguments, input: input)
    return (try nstrace.waitForExit(), nstrace.outputText, nstrace.errorText)
  }

  @Test func `rotated logs are read in the order of their first records`() throws {
    let logs = [
      try Self.log("order", Self.line(3)), try Self.log("order.1", "type=\n" + Self.line(2)),
      try Self.log("order.2", Self.line(1) + "half a"),
    ]
    var gzip = try ChildProcess("gzip", [logs[2]])
    #expect(try gzip.waitForExit() == .exited(0))
    let run = try Self.annotate([logs[0], logs[1], logs[2] + ".gz"])
    #expect(run.status == .exited(0))
    #expect(
      run.output == Self.line(1) + Self.added(1) + "half a\ntype=\n" + Self.line(2) + Self.added(2)
        + Self.line(3) + Self.added(3))
    #expect(
      run.errors == """
        nstrace: reading by the first records: \(logs[2]).gz, \(logs[1]), \(logs[0])
        nstrace: 5 lines, 3 events: 3 of members of containers, 0 inside, 2 lines no audit records

        """)
  }

  @Test func `standard input is a log, too`() throws {
    let log = try Self.log("input", Self.line(1) + Self.line(2, pid: 1))
    for arguments in [["-q"], ["-q", "-"]] {
      let run = try Self.annotate(arguments, input: .file(log))
      #expect(run.status == .exited(0))
      #expect(run.output == Self.line(1) + Self.added(1) + Self.line(2, pid: 1))
      #expect(run.errors == "")
    }
  }

  @Test func `a log of another time is refused before anything is written`() throws {
    for second in [-500, 500] {
      let run = try Self.annotate([try Self.log("other\(second)", Self.line(second))])
      #expect(run.status == .exited(1))
      #expect(run.output == "")
      #expect(
        run.errors.contains(
          "2023-11-14T22:13:20Z to 2023-11-14T22:13:30Z in the boot "
            + "00000000-0000-0000-0000-000000000000, and this host's is "))
    }
  }

  @Test func `an annotated log is refused`() throws {
    let run = try Self.annotate([try Self.log("twice", Self.line(1) + Self.added(1))])
    #expect(run.status == .exited(1))
    #expect(run.errors.contains("line 2 of the log is a CONTAINER_ID record (type 1394): "))
  }

  @Test func `another host's log is refused, unless its name is given`() throws {
    let log = try Self.log("node", "node=web " + Self.line(1))
    let run = try Self.annotate([log])
    #expect(run.status == .exited(1))
    #expect(run.errors.contains("the log is of the host web and the recording of "))
    let named = try Self.annotate(["-q", "--node", "web", log])
    #expect(named.output == "node=web " + Self.line(1) + "node=web " + Self.added(1))
  }

  @Test func `what is no log is refused, and so is one that is given twice`() throws {
    let run = try Self.annotate([try Self.log("none", "something else\n")])
    #expect(run.status == .exited(1))
    #expect(
      run.errors.contains("none does not begin with audit records: give a log that auditd wrote"))
    let log = try Self.log("same", Self.line(1))
    #expect(try Self.annotate([log, log]).errors.contains("are the same file: give each log once"))
  }

  @Test func `a compressed log that is cut is annotated as far as it goes`() throws {
    let lines = (1...9).map { Self.line($0) }.joined()
    let log = try Self.log("cut", lines)
    var gzip = try ChildProcess("gzip", [log])
    #expect(try gzip.waitForExit() == .exited(0))
    try Files.write(Array(try Files.read(log + ".gz").dropLast(4)), to: log + ".gz")
    let run = try Self.annotate([log + ".gz"])
    #expect(run.status == .exited(1))
    #expect(run.output == (1...9).map { Self.line($0) + Self.added($0) }.joined())
    #expect(run.errors.contains("cut.gz is damaged ("))
  }

  @Test func `an empty log stays empty`() throws {
    let run = try Self.annotate([try Self.log("empty", "")])
    #expect(run.status == .exited(0))
    #expect(run.output == "")
    #expect(run.errors == "nstrace: 0 lines, 0 events: 0 of members of containers, 0 inside\n")
  }
}

extension ScratchDirectory {
  /// A directory that several tests share.
  fileprivate final class Shared: Sendable {
    private let directory: ScratchDirectory

    init() throws { directory = try ScratchDirectory() }

    func file(_ name: String) -> String { directory.file(name) }
  }
}
