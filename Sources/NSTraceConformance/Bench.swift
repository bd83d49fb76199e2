// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The judges of one position: a panel for each spelling of the records. All panels get the same
/// evidence and the same reading.
final class Bench {
  private var reading: Reading
  private var panels: [Panel]

  fileprivate struct Panel {
    let spelling: Spelling
    var judges: [any Judge]
    /// The last serial read.
    var serial: UInt64 = 0
  }

  init(_ position: Position) {
    reading = Reading(position)
    panels = Spelling.allCases.map { Panel(spelling: $0, judges: Self.judges(of: position)) }
  }

  /// - Parameter text: the lines that the record has caused.
  func weigh(_ raw: RawRecord, _ text: Transcript) {
    let account = reading.read(raw)
    for index in panels.indices {
      panels[index].weigh(raw, text, against: account)
    }
  }

  var verdicts: [Clause: Verdict] {
    var verdicts: [Clause: Verdict] = [:]
    for panel in panels {
      for (clause, verdict) in panel.verdicts {
        verdicts[clause] = verdicts[clause].map { $0.or(brokenBy: verdict) } ?? verdict
      }
    }
    return verdicts
  }

  private static func judges(of position: Position) -> [any Judge] {
    switch position {
    case .rfc:
      [
        RequestJudge(), CapabilityJudge(), RegistrationRecordJudge(), AuxiliaryJudge(),
        InheritanceJudge(), DescendantsJudge(), NamespaceRecordJudge(), NamespaceListJudge(),
        ContainerEndJudge(), AssignmentJudge(), ScalarJudge(), UnsetJudge(), ChangeOfIDJudge(),
        SystemCallJudge(), CgroupJudge(), SeccompJudge(), ConfinementJudge(), SessionJudge(),
        SilentJudge(),
      ]
    case .writeOnce: [StainJudge(), PositionJudge(.t2)]
    case .nested: [PositionJudge(.t3), LockJudge()]
    case .automatic: [AutomaticJudge(), SetHashJudge()]
    case .lifecycle: [LifecycleJudge()]
    case .cgroups: [DelegationJudge()]
    case .randomOnly: [PositionJudge(.t6)]
    case .tags: [EntryTagJudge(), PositionJudge(.t10)]
    case .xid: [PositionJudge(.t11)]
    }
  }
}

extension Bench.Panel {
  fileprivate mutating func weigh(
    _ raw: RawRecord, _ text: Transcript, against account: Account
  ) {
    let events = PrintedEvent.read(text[spelling], as: spelling)
    let evidence = Evidence(raw: raw, events: events, serialBefore: serial)
    let account = spelling == .json ? account.inJSON : account.inAuditLines
    for index in judges.indices { judges[index].weigh(evidence, against: account) }
    serial = events.last?.serial ?? serial
  }

  fileprivate var verdicts: [Clause: Verdict] {
    let verdicts = judges.reduce(into: [:]) { $0.merge($1.verdicts) { $0.and($1) } }
    return spelling == .json ? verdicts.mapValues(\.inJSON) : verdicts
  }
}
