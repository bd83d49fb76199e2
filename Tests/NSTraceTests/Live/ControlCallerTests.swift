// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Whose rights count for a request (R2, T7): those of the process that connected, as the user that it
  /// was then.
  @Suite struct ControlCallerTests {
    private static func answer(
      as user: UInt32, _ request: String, at control: String
    ) throws -> String {
      try FollowingProgram.run(BuiltProducts.nsactor, ["ask", control, "\(user)", request]).output
    }

    /// Lets every user connect.
    private static func open(_ control: String) {
      let directory = control.split(separator: "/").dropLast().joined(separator: "/")
      #expect(chmod("/\(directory)", 0o755) == 0 && chmod(control, 0o666) == 0)
    }

    /// A child of such a process may hold the connection while it executes sudo.
    @Test func `a process that has got another user since it connected may do nothing`() throws {
      var nstrace = try FollowingProgram()
      Self.open(nstrace.control)
      let target = try ChildProcess("cat", input: .open)
      let requests = [
        #"{"op":"register","pid":\#(target.pid),"random":true}"#,
        #"{"op":"id","pid":\#(target.pid)}"#, #"{"op":"containers"}"#,
      ]
      for request in requests {
        let answer = try Self.answer(as: 1000, request, at: nstrace.control)
        #expect(answer.contains(#""error":"EPERM""#), "\(request): \(answer)")
      }
      let registered = try Self.answer(as: 0, requests[0], at: nstrace.control)
      #expect(registered.contains(#""ok":true"#))
      #expect(try nstrace.stop() == .exited(0))
    }

    @Test func `an ID that is to be taken on entry is refused with a record`() throws {
      var nstrace = try FollowingProgram(["--format", "audit"])
      let target = try ChildProcess("cat", input: .open)
      let request = #"{"op":"register","pid":\#(target.pid),"random":true,"on_entry":true}"#
      let answer = try Self.answer(as: 0, request, at: nstrace.control)
      #expect(answer.contains(#""error":"EINVAL""#))
      #expect(answer.contains("only under --policy tags"))
      let pid = target.pid
      try nstrace.process.wait(for: "the record") { process in
        AuditLine.all(in: process.outputText).contains {
          $0.type == "CONTAINER_OP" && $0["opid"] == "\(pid)" && $0["errno"] == "EINVAL"
        }
      }
      #expect(try nstrace.stop() == .exited(0))
    }
  }
}
