// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// `nstrace --follow` as users run it, from when it prints that it follows.
struct FollowingProgram: ~Copyable {
  var process: ChildProcess
  /// Its control socket unless its arguments name another: two tracers must not share one.
  let control: String
  private let directory: ScratchDirectory

  init(
    _ arguments: [String] = [], environment: [String: String] = [:],
    output: ChildProcess.Output = .gathered
  ) throws {
    try self.init(
      program: BuiltProducts.nstrace, before: ["--follow"], arguments, environment: environment,
      output: output)
  }

  /// Starts nstrace by way of another program that execs it.
  init(
    program: String, before: [String] = [], _ arguments: [String],
    environment: [String: String] = [:], output: ChildProcess.Output = .gathered
  ) throws {
    let directory = try ScratchDirectory()
    let control = directory.file("control.sock")
    let chosen = arguments.contains("--control") ? [] : ["--control", control]
    var process = try ChildProcess(
      program, before + arguments + chosen, environment: environment, output: output)
    try process.wait(for: "nstrace: following") {
      $0.errorText.contains("nstrace: following ") || $0.status != nil
    }
    guard process.status == nil else { throw LiveTraceError.actorFailed(process.errorText) }
    self.process = process
    self.directory = directory
    self.control = control
  }

  /// Runs another program to its end, and requires that it succeeds.
  /// - Returns: its pid and its output.
  @discardableResult
  static func run(
    _ path: String, _ arguments: [String] = []
  ) throws -> (pid: Int32, output: String) {
    var process = try ChildProcess(path, arguments)
    guard try process.waitForExit() == .exited(0) else {
      throw LiveTraceError.actorFailed("\(path) \(arguments): \(process.errorText)")
    }
    return (process.pid, process.outputText)
  }

  /// Waits until an NS_DESTROY by this task, which is its last record, has been written.
  mutating func waitForEnd(of pid: Int32) throws {
    try process.wait(for: "the NS_DESTROY of \(pid)") {
      // Only the end of the output is searched, because it is searched again and again.
      String(decoding: $0.output.suffix(1 << 16), as: UTF8.self).split(separator: "\n").contains {
        $0.hasPrefix("type=NS_DESTROY ") && $0.contains(" opid=\(pid) ")
      }
    }
  }

  /// Sends a signal, and waits for its end.
  @discardableResult
  mutating func stop(_ signal: Int32 = SIGINT) throws -> ChildProcess.Status {
    process.send(signal)
    return try process.waitForExit()
  }

  /// The NS_ records about one task.
  func summaries(about pid: Int32) -> [String] {
    AuditLine.all(in: process.outputText).filter { $0["opid"] == "\(pid)" }.map(\.summary)
  }
}
