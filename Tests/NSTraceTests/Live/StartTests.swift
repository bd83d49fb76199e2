// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// The start, while others come and go.
  @Suite struct StartTests {
    @Test(arguments: 0..<10)
    func `of who was there at the start the end is told`(start: Int) throws {
      let first = try ChildProcess(BuiltProducts.nsactor, ["storm", "1000000"])
      let second = try ChildProcess(BuiltProducts.nsactor, ["storm", "1000000"])
      var trace = try LiveTrace.attached()
      try trace.drain(until: "the present") { _ in true }
      let actor = Array("nsactor".utf8)
      let known = trace.state.taskSummaries.filter { $0.comm == actor }.map(\.tid)
      first.send(SIGKILL)
      second.send(SIGKILL)
      try trace.drain(until: "the ends of all") { trace in
        trace.state.taskSummaries.allSatisfy { task in
          !known.contains(task.tid) || Files.mode("/proc/\(task.tid)") != nil
        }
      }
    }
  }
}
