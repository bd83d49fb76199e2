// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// `--to-audit` where the kernel's audit takes no messages: refused before anything is traced.
@Suite struct AuditTrailRefusalTests {
  private static let follow = [BuiltProducts.nstrace, "--follow", "--to-audit"]

  private static func run(_ words: [String]) throws -> (ChildProcess.Status, String) {
    var nstrace = try ChildProcess(words[0], Array(words.dropFirst()))
    let status = try nstrace.waitForExit()
    return (status, nstrace.errorText)
  }

  @Test(arguments: [
    ["--to-audit-type", "2690"], ["--to-audit-rate", "5"], ["--to-audit-also", "NS_CREATE"],
  ])
  func `options without --to-audit are wrong usage`(_ options: [String]) throws {
    let (status, text) = try Self.run([BuiltProducts.nstrace, "--follow"] + options)
    #expect(status == .exited(64))
    #expect(text.contains("need --to-audit"))
  }

  @Test(arguments: [
    ["--to-audit-type", "1100"], ["--to-audit-type", "2099"], ["--to-audit-type", "3000"],
    ["--to-audit-rate", "0"], ["--to-audit-rate", "10001"], ["--to-audit-also", "SYSCALL"],
    ["--to-audit-also", "NS_CREATE,"], ["--to-audit-also", "ns_create"],
  ])
  func `values that cannot be are wrong usage`(_ options: [String]) throws {
    #expect(try Self.run(Self.follow + options).0 == .exited(64))
  }

  @Test(.enabled(if: geteuid() == 0))
  func `in a user namespace, and in a PID namespace, it says where to run`() throws {
    let user = try Self.run(["unshare", "-Ur"] + Self.follow)
    #expect(user.0 == .exited(77))
    #expect(
      user.1
        == "nstrace: error: the kernel takes audit messages from its initial user namespace only: start "
        + "nstrace on the host, or leave out --to-audit\n")
    let process = try Self.run(["unshare", "-p", "-f", "--mount-proc"] + Self.follow)
    #expect(process.0 == .exited(69))
    #expect(process.1.contains("audit messages would name processes of another PID namespace: "))
  }

  @Test(.enabled(if: geteuid() == 0 && !KernelAudit.isWanted))
  func `while audit is switched off it says how to switch it on`() throws {
    guard try KernelAudit.status("enabled") == 0 else { return }
    let (status, text) = try Self.run(Self.follow)
    #expect(status == .exited(69))
    #expect(
      text
        == "nstrace: error: the kernel's audit is switched off and drops messages: start auditd, or run "
        + "auditctl -e 1, or leave out --to-audit\n")
  }
}
