// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// Every fault of the table is condemned, by the clause that it breaks.
@Suite struct MutationTests {
  @Test func `each clause has a fault that breaks it, or a reason why none can`() {
    let breakable = Set(Mutation.table.map(\.breaks))
    #expect(breakable.isDisjoint(with: Mutation.unbreakable.keys))
    #expect(breakable.union(Mutation.unbreakable.keys) == Set(Clause.allCases))
  }

  @Test func `without a fault no clause is broken, and all that can be are exercised`() throws {
    let report = try Self.onOccasions(.none).report
    for clause in Clause.allCases {
      switch report[clause] {
      case .held: #expect(Mutation.unbreakable[clause] == nil)
      case .notExercised(let why):
        #expect(Mutation.unbreakable[clause] != nil, "\(clause.rawValue): \(why)")
      case .broken(let serials, let why): Issue.record("\(clause.rawValue) at \(serials): \(why)")
      }
    }
  }

  @Test(arguments: Mutation.table)
  func `a fault breaks its clause, and others only for a reason`(_ mutation: Mutation) throws {
    Self.judge(try Self.onOccasions(mutation.fault).report, mutation)
  }

  /// What the dump gives no occasion for.
  static let silentOnDump: Set<String> = [
    "R7: a refused call is not recorded",
    "T2: a stained namespace takes a second registration",
    "T2: an ID whose stain is left is given again",
    "T2: a namespace is washed when the tracer ends",
    "T2: ns-contid= has no stains",
    "T6: it may do so again",
    "T6: who is inside a container leaves its session so",
    "T18: a registration is replaced after the lock",
    "T18: after the lock nothing is registered",
    "T6: no process may register itself",
    "T6: a process may register itself without CAP_AUDIT_WRITE",
    "T4: nobody says that a session goes on",
    "T4: a session goes on under another number",
    "T4: a number of an earlier tracer is given again",
    "T10: who enters takes no tag",
    "T10: nothing says that a tag was taken",
    "L2: tasks of a container's cgroup are told to be in it",
    "L2: a name is believed whoever has chosen it",
    "L2: what root has named has no ID of its name",
    "L2: by their cgroups all tasks come into one container",
    "L1: a path that is cut is written as a whole one",
    "L1: JSON does not say that a path is cut",
    "T4: a session ends when the first of its tasks exits",
  ]

  @Test(arguments: Mutation.table)
  func `a fault is condemned on the golden dump, too`(_ mutation: Mutation) throws {
    let outcome = try Self.onDump(mutation.fault)
    let isSilent = outcome.text == Self.fairText
    #expect(isSilent == Self.silentOnDump.contains(mutation.testDescription))
    if !isSilent { Self.judge(outcome.report, mutation) }
  }

  private static let fairText = (try? onDump(.none))?.text

  private static func judge(_ report: ConformanceReport, _ mutation: Mutation) {
    let broken = Clause.allCases.filter { report[$0].isBroken }
    #expect(broken.contains(mutation.breaks), "\(mutation): broken are \(broken)")
    for clause in broken where clause != mutation.breaks && mutation.also[clause] == nil {
      Issue.record("\(mutation) also breaks \(clause.rawValue): \(report[clause])")
    }
  }

  private static func onOccasions(_ fault: Fault) throws -> Mutation.Outcome {
    let bytes = Occasions.stream.bytes
    return try Mutation.outcome(of: fault) { give in try give(RecordBatch(bytes)) }
  }

  private static func onDump(_ fault: Fault) throws -> Mutation.Outcome {
    try Mutation.outcome(of: fault) { give in
      var source = DumpSource(try .reading(Fixture.path("containers-6.12.nsdump")))
      var batch = RecordBatch()
      while try source.next(into: &batch) == .records { try give(batch) }
    }
  }
}
