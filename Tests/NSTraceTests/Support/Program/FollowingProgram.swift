// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// `nstrace --follow` as users run it, from the moment that it says it follows.
struct FollowingProgram: ~Copyable {
  var process: ChildProcess
  /// Where it listens, unless its arguments say otherwise: two tracers must not meet there.
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

  /// By way of another program that becomes nstrace.
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

  /// Runs another program to its end, which must be a success.
  /// - Returns: its pid and what it wrote.
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

  /// Waits until an NS_DESTROY by this task, which was the last thing done, has been written.
  mutating func waitForEnd(of pid: Int32) throws {
    try process.wait(for: "the NS_DESTROY of \(pid)") {
      // What was written long ago need not be looked at again and again.
      String(decoding: $0.output.suffix(1 << 16), as: UTF8.self).split(separator: "\n").contains {
        $0.hasPrefix("type=NS_DESTROY ") && $0.contains(" opid=\(pid) ")
      }
    }
  }

  /// Asks it to stop.
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
