// SPDX-License-Identifier: Apache-2.0

import Testing

extension LiveTests {
  /// The audit log, as the tools read it that people read audit logs with.
  @Suite struct AusearchTests {
    @Test func `ausearch finds events by type, process, system call, key and serial`() throws {
      let log = try AuditLogRecording()
      try log.expect(["-m", "1390"], find: log.serials { $0.type == "UNKNOWN[1390]" })
      try log.expect(["-m", "1392"], find: log.serials { $0.type == "UNKNOWN[1392]" })
      let pid = "\(log.unsharing)"
      // Of the types that it knows no name of, ausearch does not look into the fields: SYSCALL has all.
      try log.expect(["-p", pid], find: log.serials { $0.type == "SYSCALL" && $0["pid"] == pid })
      try log.expect(
        ["-sc", "unshare"], find: log.serials { $0.type == "SYSCALL" && $0["syscall"] == "272" })
      try log.expect(["-k", "nstrace"], find: log.serials { $0.type == "SYSCALL" })
      let serial = try #require(log.serials { $0["opid"] == pid }.first)
      try log.expect(["-a", "\(serial)"], find: [serial])
      try log.expect(["-sv", "no"], find: log.serials { $0["success"] == "no" })
    }

    @Test func `csv has a line for each event, and nothing is complained of`() throws {
      let log = try AuditLogRecording()
      let (csv, errors) = try log.csv()
      #expect(csv.count == 1 + log.serials { _ in true }.count)
      #expect(errors == "")
    }

    @Test func `interpreted, a hostile name is one field`() throws {
      let log = try AuditLogRecording()
      let pid = "\(log.hostile)"
      let mine = log.lines.filter { $0["pid"] == pid }
      #expect(mine.map { $0["comm"] } == [Self.hex, Self.hex, Self.hex])
      let text = try log.ausearch(["-p", pid, "-i"])
      // Of the process that unshares, and of its end.
      #expect(text.split(separator: "\n").filter { $0.hasPrefix("type=") }.count == 5)
      #expect(!text.contains("\u{1b}"))
    }

    /// `"\n=\e[31m\xff x=1`.
    private static let hex = "220A3D1B5B33316DFF20783D31"

    @Test func `auparse sees every record of every event`() throws {
      let log = try AuditLogRecording()
      // Debian's python3 has the module, whatever else is called python3.
      var parser = try ChildProcess("/usr/bin/python3", ["-c", Self.counting, log.path])
      #expect(try parser.waitForExit() == .exited(0))
      #expect(parser.errorText == "")
      let counted = parser.outputText.split(separator: "\n").map(String.init)
      let serials = log.serials { _ in true }
      #expect(
        counted
          == serials.map { serial in
            let lines = log.lines.filter { $0.serial == serial }
            return "\(serial) \(lines.map { $0.fields.count + 1 })"
          })
    }

    /// Prints for each event its serial and the number of fields of each of its records.
    private static let counting = """
      import auparse, sys
      parser = auparse.AuParser(auparse.AUSOURCE_FILE, sys.argv[1])
      while parser.parse_next_event():
          counts = []
          parser.first_record()
          while True:
              counts.append(parser.get_num_fields())
              if not parser.next_record():
                  break
          print(parser.get_timestamp().serial, counts)
      """
  }
}
