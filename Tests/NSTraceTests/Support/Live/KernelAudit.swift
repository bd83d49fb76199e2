// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// The kernel's audit, switched on, with an auditd of its own in the foreground. All is as it was once
/// this value has gone.
///
/// Tests with it are run by `make audit-trail` alone, one after the other: there is one audit for the whole
/// machine, and each new task has an audit context from then on until a restart.
struct KernelAudit: ~Copyable {
  /// Whether they are to run.
  static let isWanted = getenv("NSTRACE_AUDIT_TRAIL") != nil

  private let directory: ScratchDirectory
  private let auditd: ChildProcess
  let log: String

  init() throws {
    let directory = try ScratchDirectory()
    let (log, plugins) = (directory.file("audit.log"), directory.file("plugins.d"))
    mkdir(plugins, 0o750)
    let configuration = Self.configuration(log, plugins: plugins)
    try Files.write(Array(configuration.utf8), to: directory.file("auditd.conf"), mode: 0o640)
    try #require(try Self.status("pid") == 0, "another auditd runs")
    var auditd = try ChildProcess("auditd", ["-n", "-c", directory.path])
    let pid = Int(auditd.pid)
    try auditd.wait(for: "auditd") { process in
      try process.status != nil || Self.status("pid") == pid && Self.status("enabled") == 1
    }
    let isRunning = auditd.status == nil
    try #require(isRunning)
    self.directory = directory
    self.auditd = auditd
    self.log = log
  }

  private static func configuration(_ log: String, plugins: String) -> String {
    """
    local_events = yes
    write_logs = yes
    log_file = \(log)
    log_format = RAW
    flush = NONE
    max_log_file_action = IGNORE
    space_left = 2
    admin_space_left = 1
    space_left_action = IGNORE
    admin_space_left_action = IGNORE
    disk_full_action = IGNORE
    disk_error_action = IGNORE
    plugin_dir = \(plugins)

    """
  }

  deinit {
    auditd.send(SIGCONT)
    auditd.send(SIGTERM)
    // It is reaped with its value.
    var ended = siginfo_t()
    waitid(P_PID, id_t(auditd.pid), &ended, Int32(WEXITED | WNOWAIT))
    _ = try? FollowingProgram.run("auditctl", ["-e", "0"])
  }

  /// Stops auditd, so that nobody takes what the kernel has.
  func pause() { auditd.send(SIGSTOP) }
  func resume() { auditd.send(SIGCONT) }

  /// A number of the kernel's status, as `lost`.
  static func status(_ name: String) throws -> Int? {
    let lines = try FollowingProgram.run("auditctl", ["-s"]).output.split(separator: "\n")
    return lines.first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }

  /// The messages of this type that auditd has written, by ausearch.
  func messages(_ type: Int = 2690) throws -> [AuditTrailMessage] {
    var ausearch = try ChildProcess("ausearch", ["-if", log, "-m", "\(type)", "--raw"])
    let status = try ausearch.waitForExit()
    // 1: there is none.
    try #require(status == .exited(0) || status == .exited(1))
    return ausearch.outputText.split(separator: "\n").compactMap(AuditTrailMessage.init)
  }

  /// What a program in Python prints of this log.
  func python(_ text: String) throws -> String {
    var parser = try ChildProcess("/usr/bin/python3", ["-I", "-c", text, log])
    try #require(try parser.waitForExit() == .exited(0))
    #expect(parser.errorText == "")
    return parser.outputText
  }
}
