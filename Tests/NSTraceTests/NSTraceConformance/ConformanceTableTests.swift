// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// The report as it is printed, and the program that prints it.
@Suite struct ConformanceTableTests {
  @Test func `docs show the table of a golden dump`() throws {
    let url = URL(filePath: Repository.path("docs/conformance.md"))
    let page = try String(contentsOf: url, encoding: .utf8)
    let parts = page.components(separatedBy: "```")
    try #require(parts.count == 3)
    let table = try Self.table(of: "containers-6.12")
    if ProcessInfo.processInfo.environment["UPDATE_CONFORMANCE"] != nil {
      try Data("\(parts[0])```text\n\(table)```\(parts[2])".utf8).write(to: url)
    } else {
      #expect(parts[1] == "text\n\(table)")
    }
  }

  @Test(arguments: GoldenTests.kernels)
  func `no clause is broken by a golden dump`(_ kernel: String) throws {
    let report = try Self.report(of: "linux-\(kernel)")
    #expect(!report.isBroken)
    let held = Clause.allCases.filter { if case .held = report[$0] { true } else { false } }
    #expect(held == [.r7, .r9, .r10, .t1, .t5, .t9, .t15])
  }

  @Test func `a golden dump of containers exercises all that a dump can, and breaks none`() throws {
    let report = try Self.report(of: "containers-6.12")
    #expect(!report.isBroken)
    let held = Clause.allCases.filter { if case .held = report[$0] { true } else { false } }
    #expect(Set(Clause.allCases).subtracting(held) == [.t13, .t18, .t20])
  }

  @Test func `a broken clause is told with its serials, ten of them cut short`() {
    let report = ConformanceReport([
      .r1: .held(occasions: 3), .r2: .broken(serials: Array(1...10), because: "it was granted"),
      .r3: .notExercised(because: "nobody asked"),
    ])
    var text = TextBuffer()
    report.writeTable(to: &text)
    let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n")
    #expect(report.isBroken)
    #expect(
      lines[..<6] == [
        "CLAUSE  POLICY       VERDICT        TIMES   WHAT",
        "R1      rfc          held           3       \(Clause.r1.text)",
        "R2      rfc          broken         -       \(Clause.r2.text)",
        "        serial 1, 2, 3, 4, 5, 6, 7, 8 and 2 more: it was granted",
        "R3      rfc          not exercised  -       \(Clause.r3.text)", "        nobody asked",
      ])
  }

  @Test func `JSON has an object for each clause, in their order`() throws {
    let report = ConformanceReport([
      .r1: .held(occasions: 3), .r2: .broken(serials: [4, 5], because: "it was granted"),
      .t2: .notExercised(because: "nobody asked"),
    ])
    var text = TextBuffer()
    report.writeJSON(to: &text)
    let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(
      try lines.map { try JSONLines.object($0)["clause"] as? String }
        == Clause.allCases.map(\.rawValue))
    #expect(lines[0].hasSuffix(#""verdict":"held","occasions":3}"#))
    #expect(
      lines[1].hasSuffix(#""verdict":"broken","serials":[4,5],"because":"it was granted"}"#))
    #expect(
      lines[14]
        == #"{"clause":"T2","source":"Biederman, Bottomley","policy":"write-once","#
        + #""text":"an ID is written once, on tasks and on namespaces, and stays (an indelible dye)","#
        + #""verdict":"not exercised","because":"nobody asked"}"#)
  }

  @Test(arguments: ["table", "json", "none"])
  func `the program judges a dump that breaks nothing`(_ format: String) throws {
    var nstrace = try ChildProcess(
      BuiltProducts.nstrace,
      ["conformance", "--format", format, Fixture.path("linux-6.12.nsdump")])
    #expect(try nstrace.waitForExit() == .exited(0))
    #expect(nstrace.errorText == "")
    let report = try Self.report(of: "linux-6.12")
    var text = TextBuffer()
    if format == "table" { report.writeTable(to: &text) }
    if format == "json" { report.writeJSON(to: &text) }
    #expect(nstrace.output == text.bytes)
  }

  @Test(
    arguments: [
      (["conformance", "/etc/passwd"], 65), (["conformance"], 64),
      (["conformance", "--format", "audit", "x"], 64), (["conformance", "/nonexistent"], 1),
    ] as [([String], Int32)])
  func `what cannot be judged has its exit status`(_ arguments: [String], _ status: Int32) throws {
    var nstrace = try ChildProcess(BuiltProducts.nstrace, arguments)
    #expect(try nstrace.waitForExit() == .exited(status))
    #expect(nstrace.outputText == "")
    #expect(nstrace.errorText != "")
  }

  /// The closing block is missing, and nothing else.
  @Test func `a dump that was cut off is judged as far as it goes, and is a bad one`() throws {
    let scratch = try ScratchDirectory()
    let whole = try DumpFile.bytes(of: Fixture.path("containers-6.12.nsdump"))
    try Data(whole.dropLast(16)).write(to: URL(filePath: scratch.file("x")))
    var nstrace = try ChildProcess(BuiltProducts.nstrace, ["conformance", scratch.file("x")])
    #expect(try nstrace.waitForExit() == .exited(65))
    #expect(nstrace.outputText == (try Self.table(of: "containers-6.12")))
    #expect(nstrace.errorText.contains(/^nstrace: error: [^\n]* ends in the middle, [^\n]*\n$/))
  }

  private static func report(of name: String) throws -> ConformanceReport {
    try Conformance.report { give in
      var source = DumpSource(try .reading(Fixture.path("\(name).nsdump")))
      var batch = RecordBatch()
      while try source.next(into: &batch) == .records { try give(batch) }
    }
  }

  private static func table(of name: String) throws -> String {
    var text = TextBuffer()
    try report(of: name).writeTable(to: &text)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
