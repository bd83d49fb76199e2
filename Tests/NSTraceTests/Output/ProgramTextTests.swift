// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// How the marks of a program's path are spelled.
@Suite struct ProgramTextTests {
  private static func lines(
    _ format: some RecordFormat, _ path: String, _ marks: ProgramMarks
  ) -> [String] {
    format.lines(
      of: .make(
        call: .make(), exe: Array(path.utf8), exeMarks: marks, proctitle: [], [.created()]))
  }

  /// The value of exe= in the SYSCALL record.
  private static func audit(_ path: String, _ marks: ProgramMarks) -> String? {
    lines(AuditLineFormat(), path, marks)[0].split(separator: " ").first { $0.hasPrefix("exe=") }
      .map { String($0.dropFirst(4)) }
  }

  private static func hex(_ text: String) -> String {
    text.utf8.map {
      String($0 >> 4, radix: 16, uppercase: true) + String($0 & 15, radix: 16, uppercase: true)
    }
    .joined()
  }

  @Test func `audit lines have the kernel's spelling`() {
    #expect(Self.audit("/bin/x", []) == "\"/bin/x\"")
    #expect(Self.audit("/bin/x", .deleted) == Self.hex("/bin/x (deleted)"))
    #expect(Self.audit("/memfd:x", .deleted) == Self.hex("/memfd:x (deleted)"))
    #expect(Self.audit("/", []) == "\"/\"")
    #expect(Self.audit("", .deleted) == "?")
  }

  @Test func `a path that lacks its front looks like no other`() {
    #expect(Self.audit("/b/x", .cut) == "\".../b/x\"")
    #expect(Self.audit("/b/x", [.cut, .deleted]) == Self.hex(".../b/x (deleted)"))
  }

  @Test func `a command line that lacks its end is marked there`() throws {
    var event = AuditEvent.make(call: .make(), proctitle: Array("a\0b".utf8), [.created()])
    event.isProctitleCut = true
    #expect(
      AuditLineFormat().lines(of: event).last?.hasSuffix(" proctitle=\(Self.hex("a\0b..."))")
        == true)
    let record = try JSONLines.object(#require(JSONLinesFormat().lines(of: event).last))
    #expect(record["proctitle"] as? String == "a b...")
    #expect(record["proctitle_cut"] as? Bool == true)
    event.isProctitleCut = false
    let whole = try JSONLines.object(#require(JSONLinesFormat().lines(of: event).last))
    #expect(whole["proctitle"] as? String == "a b")
    #expect(whole["proctitle_cut"] == nil)
  }

  @Test func `JSON tells a deleted file from one of that name`() throws {
    func object(_ path: String, _ marks: ProgramMarks) throws -> [JSONLines.Object] {
      try Self.lines(JSONLinesFormat(), path, marks).map { try JSONLines.object($0) }
    }
    for record in try object("/bin/x", .deleted) {
      #expect(record["exe"] as? String == "/bin/x")
      #expect(record["exe_deleted"] as? Bool == true)
      #expect(record["exe_cut"] == nil)
    }
    for record in try object("/bin/x (deleted)", []) {
      #expect(record["exe"] as? String == "/bin/x (deleted)")
      #expect(record["exe_deleted"] == nil)
    }
    for record in try object("/b/x", .cut) {
      #expect(record["exe"] as? String == ".../b/x")
      #expect(record["exe_cut"] as? Bool == true)
      #expect(record["exe_deleted"] == nil)
    }
    #expect(
      try object("", [.cut, .deleted]).allSatisfy { $0.keys.allSatisfy { !$0.hasPrefix("exe") } })
  }

  @Test func `a table tells them apart, too`() {
    #expect(Self.lines(TableFormat(), "/x", .deleted)[0].hasSuffix(" unshare /x (deleted)"))
    #expect(Self.lines(TableFormat(), "/x (deleted)", [])[0].hasSuffix(" unshare /x\\x20(deleted)"))
    #expect(Self.lines(TableFormat(), "/x", .cut)[0].hasSuffix(" unshare .../x"))
  }

  @Test func `records of a virtual machine's life have it inside their message`() {
    var event = AuditEvent.make(exe: Array("/x".utf8), exeMarks: .deleted, proctitle: [])
    event.lifecycle = LifecycleRecord(step: .stop, id: ContainerID(high: 0, low: 5), name: [])
    let line = AuditLineFormat().lines(of: event)[0]
    #expect(line.contains(" exe=\(Self.hex("/x (deleted)")) hostname=?"))
  }

  @Test func `a command line ends where the kernel's does`() {
    func proctitle(_ text: String) -> String? {
      AuditLineFormat().lines(
        of: .make(call: .make(), proctitle: Array(text.utf8), [.created()])
      ).last?.split(separator: "=").last.map(String.init)
    }
    #expect(proctitle("true\n") == "\"true\"")
    #expect(proctitle("sh\0-c\0 a\n\0\t") == Self.hex("sh\0-c\0 a"))
    #expect(proctitle("\n") == "\"\"")
    #expect(proctitle("é\u{7}") == Self.hex("é"))
  }
}
