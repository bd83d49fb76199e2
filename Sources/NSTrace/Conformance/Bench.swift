// SPDX-License-Identifier: Apache-2.0

/// The judges of one position, who hear the same evidence with the same reading.
final class Bench {
  private var reading: Reading
  private var judges: [any Judge]

  init(_ position: Position) {
    reading = Reading(position)
    judges = Self.judges(of: position)
  }

  func weigh(_ evidence: Evidence) {
    let account = reading.read(evidence.raw)
    for index in judges.indices { judges[index].weigh(evidence, against: account) }
  }

  var verdicts: [Clause: Verdict] {
    judges.reduce(into: [:]) { $0.merge($1.verdicts) { $0.and($1) } }
  }

  private static func judges(of position: Position) -> [any Judge] {
    switch position {
    case .rfc:
      [
        RequestJudge(), CapabilityJudge(), RegistrationRecordJudge(), AuxiliaryJudge(),
        InheritanceJudge(), DescendantsJudge(), NamespaceRecordJudge(), NamespaceListJudge(),
        ContainerEndJudge(), AssignmentJudge(), ScalarJudge(), UnsetJudge(), ChangeOfIDJudge(),
        SystemCallJudge(), CgroupJudge(), SeccompJudge(), SessionJudge(), SilentJudge(),
      ]
    case .writeOnce: [PositionJudge(.t2)]
    case .nested: [PositionJudge(.t3)]
    case .automatic: [AutomaticJudge(), SetHashJudge()]
    case .lifecycle: [LifecycleJudge()]
    case .randomOnly: [PositionJudge(.t6)]
    case .tags: [PositionJudge(.t10)]
    case .xid: [PositionJudge(.t11)]
    }
  }
}
