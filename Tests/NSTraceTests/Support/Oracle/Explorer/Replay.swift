// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A schedule of a world, played again and written down.
struct Replay {
  private let play: Play
  private let judge: TruthJudge
  /// The lines of each step.
  private let lines: [[String]]

  /// Skips steps that cannot be taken, and takes any that can behind the last.
  init(_ world: ModelWorld, _ schedule: Schedule, _ traced: any Traced, isTold: Bool = false) {
    var play = Play(world, traced, isTold: isTold)
    var lines: [[String]] = []
    play.follow(schedule) { lines.append($0.model.lines) }
    (self.play, self.lines, judge) = (play, lines, play.judge())
  }

  var taken: Schedule { play.taken }

  /// After how many steps the first violation of that kind is found.
  func steps(to kind: Violation.Kind) -> Int? {
    judge.violations.first { $0.kind == kind }.map { play.steps(to: $0.position) }
  }

  /// A line for each step, with the records behind it, up to the first violation of that kind.
  func story(upTo kind: Violation.Kind) -> [String] {
    var story: [String] = []
    var said = play.run.said.drop { $0.position <= play.start }
    for step in lines.indices.prefix(steps(to: kind) ?? lines.count) {
      story += lines[step]
      while let one = said.first, one.position <= play.lengths[step] {
        story += text(one)
        said = said.dropFirst()
      }
    }
    return story + rest(of: kind, behind: story)
  }

  /// The violations that no single record shows.
  private func rest(of kind: Violation.Kind, behind story: [String]) -> [String] {
    if story.contains(where: { $0.contains(kind.rawValue) }) { return [] }
    return judge.violations.filter { $0.kind == kind }.map {
      "WRONG: \(kind.rawValue): \($0.text)"
    }
  }

  private func text(_ said: TracedRun.Said) -> [String] {
    said.event.records.map { record in
      let wrong = judge.violations.filter {
        $0.position == said.position && $0.text.hasPrefix(record.line)
      }
      let marks = wrong.map {
        "   WRONG: \($0.kind.rawValue)" + $0.text.dropFirst(record.line.count)
      }
      return "     -> " + record.told + marks.joined()
    }
  }
}

extension NamespaceRecord {
  /// The event as its records print it, with the names of the tasks.
  fileprivate var told: String {
    let type = "NS_\(verb)".uppercased()
    let task = TaskName(tid: opid).map { "\($0)" } ?? "\(opid)"
    let from = old.map { " old=\($0.text)" } ?? ""
    let id = containers.isUnset ? "" : " contid=\(containers)"
    let list = namespaceContainers.isUnset ? "" : " ns-contid=\(namespaceContainers)"
    let kind = kind.map { "\($0)" } ?? "?"
    return "\(type) op=\(op) \(kind):\(namespace?.text ?? "?")\(from) opid=\(task)\(id)\(list)"
  }
}
