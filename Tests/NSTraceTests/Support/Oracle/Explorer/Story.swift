// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The shortest violation that is found from a known one: calls and steps are left out as long as
/// the violation remains.
struct Story {
  private(set) var world: ModelWorld
  private(set) var schedule: Schedule
  let kind: Violation.Kind
  private let traced: () -> any Traced

  init(_ example: Findings.Example, _ traced: @escaping () -> any Traced = { TracedTracer() }) {
    (world, schedule, kind) = (example.world, example.schedule, example.violation.kind)
    self.traced = traced
    cut()
    while leaveOutOne() { cut() }
  }

  var lines: [String] {
    let replay = Replay(world, schedule, traced(), isTold: true)
    return ["\(kind.rawValue) [\(world.name); \(world.tier.name)]"]
      + programs + replay.story(upTo: kind).map { "  " + $0 }
  }

  private var programs: [String] {
    let opening = world.opening.map { "\($0.task): \($0.call)" }
    return (opening.isEmpty ? [] : ["  before: " + opening.joined(separator: "; ")])
      + world.programs.keys.sorted { $0.index < $1.index }.compactMap { task in
        let calls = world.programs[task] ?? []
        return calls.isEmpty
          ? nil : "  \(task): " + calls.map(\.description).joined(separator: "; ")
      }
  }

  /// Drops the steps behind the violation.
  private mutating func cut() {
    let replay = Replay(world, schedule, traced())
    guard let steps = replay.steps(to: kind) else { return }
    schedule = Array(replay.taken.prefix(steps))
  }

  private var length: Int { schedule.count + world.programs.values.reduce(0) { $0 + $1.count } }

  /// - Returns: whether something could be left out.
  private mutating func leaveOutOne() -> Bool {
    for candidate in shorterPrograms + shorterSchedules {
      let replay = Replay(candidate.world, candidate.schedule, traced())
      guard let steps = replay.steps(to: kind) else { continue }
      let taken = Array(replay.taken.prefix(steps))
      let calls = candidate.world.programs.values.reduce(0) { $0 + $1.count }
      guard taken.count + calls < length else { continue }
      (world, schedule) = (candidate.world, taken)
      return true
    }
    return false
  }

  private var shorterPrograms: [(world: ModelWorld, schedule: Schedule)] {
    world.programs.keys.sorted { $0.index < $1.index }.flatMap { task in
      (world.programs[task] ?? []).indices.reversed().compactMap { call in
        var shorter = world
        shorter.programs[task]?.remove(at: call)
        shorter.losses = world.losses.compactMap { loss in
          guard loss.task == task, loss.call >= call else { return loss }
          return loss.call == call ? nil : .init(task: task, call: loss.call - 1)
        }
        return (shorter, schedule)
      }
    }
  }

  /// Schedules in which one step waits until the end, where it may not be needed.
  private var shorterSchedules: [(world: ModelWorld, schedule: Schedule)] {
    schedule.indices.reversed().map { step in
      var shorter = schedule
      shorter.remove(at: step)
      return (world, shorter)
    }
  }
}
