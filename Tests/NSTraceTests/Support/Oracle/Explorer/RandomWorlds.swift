// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Worlds of eight tasks that make random calls.
struct RandomWorlds {
  private var random: RandomStream
  private let tier: KernelTier
  /// How many tasks there are at first.
  private static let elders = 4
  private static let all = 8
  private static let kinds: [NamespaceKind] = [.uts, .net, .user, .mnt, .time]

  private var unborn: [TaskName] = []
  /// The tasks that have moved pid_for_children, which each can do once: copy_pid_ns refuses more.
  private var hasPID: Set<TaskName> = []
  private var containers = 0

  init(seed: UInt64, _ tier: KernelTier) {
    random = RandomStream(seed: seed)
    self.tier = tier
  }

  /// - Parameter calls: the number of calls of all tasks together; each has two to four steps.
  mutating func world(_ number: UInt64, calls: Int) -> ModelWorld {
    unborn = (Self.elders + 1...Self.all).map { TaskName(index: $0) }
    (hasPID, containers) = ([], 0)
    var programs: [TaskName: [ModelCall]] = [:]
    var living = (1...Self.elders).map { TaskName(index: $0) }
    for task in living { programs[task] = [] }
    for _ in 0..<calls {
      let task = random.pick(living)
      // Nothing follows an exit.
      guard programs[task]?.last != .exit, let call = call(of: task) else { continue }
      programs[task, default: []].append(call)
      if let child = call.child { living.append(child) }
    }
    var world = ModelWorld("random \(number)", tier, programs, start: start)
    world.opening = opening
    world.losses = losses(of: programs)
    return world
  }

  private var start: ModelWorld.Start {
    mutating get { random.chance(10) ? .meanwhile : .before }
  }

  private var opening: [(task: TaskName, call: ModelCall)] {
    mutating get {
      var opening: [(task: TaskName, call: ModelCall)] = []
      for index in 1...Self.elders where random.chance(40) {
        containers += 1
        opening.append((.host, .register(TaskName(index: index), containers)))
      }
      for index in 1...Self.elders where random.chance(30) {
        opening.append((TaskName(index: index), .unshare([random.pick(Self.kinds)])))
      }
      return opening
    }
  }

  private mutating func losses(of programs: [TaskName: [ModelCall]]) -> [ModelWorld.Loss] {
    guard random.chance(15) else { return [] }
    let task = random.pick(programs.keys.sorted { $0.index < $1.index })
    return [.init(task: task, call: random.below(max(1, programs[task]?.count ?? 1)))]
  }

  private mutating func call(of task: TaskName) -> ModelCall? {
    switch random.below(100) {
    case 0..<36: return .unshare(someKinds())
    case 36..<58: return .setns(someone(but: task), someKinds())
    case 58..<66: return .open(someone(but: task), random.pick(Self.kinds))
    case 66..<74: return .enter
    case 74..<79: return child().map { .fork($0) }
    case 79..<85: return child().map { .clone($0, someKinds()) }
    case 85..<89: return .exec
    case 89..<92: return hasPID.insert(task).inserted ? .unshare([.pid]) : nil
    // Compat calls are left to the small worlds, in which it is clear what they excuse.
    case 92..<95: return .exit
    default: return .unshare([.uts])
    }
  }

  private mutating func child() -> TaskName? { unborn.isEmpty ? nil : unborn.removeFirst() }

  private mutating func someone(but task: TaskName) -> TaskName {
    let others = (0...Self.all).map { TaskName(index: $0) }.filter { $0 != task }
    return random.pick(others)
  }

  private mutating func someKinds() -> [NamespaceKind] {
    let first = random.pick(Self.kinds)
    let second = random.pick(Self.kinds)
    return random.chance(25) && first != second ? [first, second] : [first]
  }
}
