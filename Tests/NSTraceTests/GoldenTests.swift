// SPDX-License-Identifier: Apache-2.0

import Foundation
import NSTrace
import Testing
@testable import NSTraceConformance

/// Dumps recorded in guests print what they printed there (`make fixtures` records them).
@Suite struct GoldenTests {
  static let kernels = ["6.1", "6.12"]

  @Test(arguments: kernels, ["audit", "json", "table"])
  func `a golden dump prints its golden text`(_ kernel: String, _ format: String) throws {
    let printed = try replay("linux-\(kernel).nsdump", as: Self.format(named: format))
    let golden = try Fixture.text("linux-\(kernel).\(format)")
    #expect(printed == golden)
  }

  @Test(arguments: ["audit", "json"])
  func `a golden dump of containers prints its golden text`(_ format: String) throws {
    let printed = try replay("containers-6.12.nsdump", as: Self.format(named: format))
    #expect(try printed == Fixture.text("containers-6.12.\(format)"))
  }

  @Test func `eight policies differ over it as the golden table says`() throws {
    var source = DumpSource(try .reading(Fixture.path("containers-6.12.nsdump")))
    var comparison = PolicyComparison(of: ContainerPolicies.all)
    var decoder = EventDecoder()
    var batch = RecordBatch()
    while try source.next(into: &batch) == .records {
      try batch.withBytes { try decoder.decode($0, into: &comparison) }
    }
    var text = TextBuffer()
    comparison.writeTable(to: &text)
    #expect(
      try String(decoding: text.bytes, as: UTF8.self) == Fixture.text("containers-6.12.compare"))
  }

  @Test(arguments: kernels)
  func `of each namespace a golden dump makes, it tells the end`(_ kernel: String) throws {
    let lines = try Fixture.text("linux-\(kernel).audit").split(separator: "\n")
    let created = lines.count { $0.hasPrefix("type=NS_CREATE ") && $0.hasSuffix(" res=1") }
    let destroyed = lines.count { $0.hasPrefix("type=NS_DESTROY ") }
    #expect(created == 46)
    #expect(created == destroyed, "law 3: as many are in use at the end as in the snapshot")
  }

  private static func format(named name: String) -> AnyFormat {
    switch name {
    case "audit": .audit(AuditLineFormat())
    case "json": .json(JSONLinesFormat())
    case "table": .table(TableFormat())
    default: preconditionFailure("no format \(name)")
    }
  }

  private func replay(_ fixture: String, as format: AnyFormat) throws -> String {
    var pipeline = Pipeline(
      from: try DumpSource(path: Fixture.path(fixture)), to: PrintingSink(format))
    try pipeline.run()
    return pipeline.sink.printed
  }
}
