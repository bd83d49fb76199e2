// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension KernelModel {
  /// emit_switch and task_exec: the kernel side stores the set that it has sent.
  mutating func report(_ content: ModelReport.Content, of task: Int) {
    tell(task, "reports \(content.verb)")
    put(content, of: task, call: (task, tasks[task].call))
  }

  /// Fork, exec and exit report a set that differs from the one last reported.
  mutating func reveal(_ task: Int) {
    guard wire(tasks[task].place) != tasks[task].reported else { return }
    tell(task, "is found to have moved")
    put(.task(flags: UInt16(NST_FLAG_LATE)), of: task)
  }

  /// Puts a record into the ring unless the ring is full at that moment. The set then counts as
  /// reported.
  /// - Parameter call: the call that the record reports, if its report can be lost.
  mutating func put(
    _ content: ModelReport.Content, of task: Int, call: (task: Int, call: Int)? = nil
  ) {
    if source == .detached { return }
    if let call, isLost(call) { return lose(call.task) }
    var report = make(content, of: task)
    tasks[task].entries = []
    tasks[task].reported = report.place
    report.truth.isQuiet = isQuiet
    enqueue(report)
  }

  private mutating func lose(_ task: Int) {
    tell(task, "finds no room in the ring")
    if lost == 0 { lostSinceNs = now }
    lost += 1
  }

  /// Puts a record that does not report the task's set.
  mutating func putAside(_ content: ModelReport.Content, of task: Int) {
    if source == .detached { return }
    enqueue(make(content, of: task))
  }

  private mutating func enqueue(_ report: ModelReport) {
    if case .walking = source { ring.append(report) } else { deliver(report) }
  }

  func willBeLost(of task: Int) -> Bool {
    source == .detached || isLost((task, tasks[task].call))
  }

  private func isLost(_ call: (task: Int, call: Int)) -> Bool {
    hasOpened && world.losses.contains { $0.task.index == call.task && $0.call == call.call }
  }

  /// Makes a record with the present time and truth.
  mutating func make(_ content: ModelReport.Content, of task: Int) -> ModelReport {
    now += 1
    return ModelReport(
      content: content, task: TaskName(index: task), startNs: tasks[task].startNs, timeNs: now,
      place: wire(tasks[task].place), container: UInt32(tasks[task].container),
      truth: truth(of: task))
  }

  private func truth(of task: Int) -> ModelTruth {
    ModelTruth(
      place: tasks[task].place, entries: tasks[task].entries, users: namespaces.map(\.users),
      everUsed: namespaces.map(\.everUsed), entrants: unreported(where: \.isEntrance),
      unreported: unreported { _ in true }, silent: unreported(where: \.isSilent),
      unborn: mask { $0.life == .visible },
      everSilent: mask(\.isSilent), gaps: namespaces.map(\.gaps),
      exiting: mask { $0.life == .exiting }, containers: tasks.map(\.container),
      isMissing: isMissing, isQuiet: false)
  }

  /// By namespace, the tasks that calls of some kind have brought there, unreported so far.
  private func unreported(where isCounted: (ModelTask.Entry) -> Bool) -> [TaskMask] {
    var masks = [TaskMask](repeating: [], count: namespaces.count)
    for task in tasks.indices {
      for entry in tasks[task].entries where isCounted(entry) {
        if tasks[task].place.holds(entry.namespace) {
          masks[entry.namespace].insert(TaskMask(task))
        }
      }
    }
    return masks
  }

  private var isMissing: Bool {
    if case .walking = source { return true }
    return lost > 0
  }

  private func mask(_ isIn: (ModelTask) -> Bool) -> TaskMask {
    TaskMask(tasks.indices.filter { isIn(tasks[$0]) }.map { TaskMask($0) })
  }

  mutating func deliver(_ report: ModelReport) {
    stream.append(report)
    var hasher = Hasher()
    hasher.combine(streamHash)
    hasher.combine(report)
    streamHash = hasher.finalize()
  }
}

// MARK: - Walks

extension KernelModel {
  func canSourceStep(asked: [NamespaceID]) -> Bool {
    switch source {
    case .detached, .walking, .counting: true
    case .live: lost > 0 || !asked.isEmpty
    }
  }

  mutating func stepSource(asked: [NamespaceID]) {
    switch source {
    case .detached: attach()
    case .walking(let next, let found): walk(from: next, found)
    case .counting(let asked, let next, let found, let began):
      count(asked, from: next, found, since: began)
    case .live where lost > 0: sayLost()
    case .live: beginCount(asked)
    }
  }

  /// Attaches the programs, and then begins a walk over the tasks.
  mutating func attach() {
    tell(source: "attaches")
    source = .live
    deliver(make(.host(wire(tasks[0].place)), of: 0))
    deliver(make(.clock, of: 0))
    beginWalk()
  }

  private mutating func beginWalk() {
    deliver(make(.snapshotBegin, of: 0))
    // The host's first task is found at once, because it does nothing.
    source = .walking(next: 1, found: [make(.task(flags: 0), of: 0)])
  }

  private mutating func sayLost() {
    tell(source: "says that \(lost) records were lost, and walks over the tasks")
    deliver(
      make(
        .lost(kind: NST_KIND_SWITCH.rawValue, count: UInt32(lost), sinceNs: lostSinceNs), of: 0))
    lost = 0
    beginWalk()
  }

  /// The next task that a walk finds: one that can be found and is not exiting.
  private func findable(from task: Int) -> Int? {
    tasks.indices.first { index in
      index >= task && [.visible, .running].contains(tasks[index].life)
    }
  }

  private mutating func walk(from next: Int, _ found: [ModelReport]) {
    guard let task = findable(from: next) else { return endWalk(found) }
    tell(source: "walk sees \(TaskName(index: task))")
    let report = make(.task(flags: 0), of: task)
    tasks[task].reported = report.place
    // No other report of the task will come.
    if tasks[task].step == 0 { tasks[task].entries = [] }
    source = .walking(next: task + 1, found: found + [report])
  }

  /// Puts what the walk has found before what the ring held meanwhile.
  private mutating func endWalk(_ found: [ModelReport]) {
    tell(source: "walk ends")
    source = .live
    for report in found + ring { deliver(report) }
    ring = []
    if lost > 0 { return sayLost() }
    var end = make(.snapshotEnd, of: 0)
    end.truth.isQuiet = isQuiet
    deliver(end)
  }

  private mutating func beginCount(_ asked: [NamespaceID]) {
    let names = asked.map { "\($0.kind):\($0.text)" }.joined(separator: ", ")
    tell(source: "looks for the users of \(names)")
    now += 1
    source = .counting(asked: asked, next: 1, found: [], beganNs: now)
  }

  private mutating func count(
    _ asked: [NamespaceID], from next: Int, _ found: [ModelReport], since began: UInt64
  ) {
    guard let task = findable(from: next) else { return endCount(asked, found, since: began) }
    let report = make(.task(flags: UInt16(NST_FLAG_CENSUS)), of: task)
    let isThere = !Set(report.place.ids).isDisjoint(with: asked)
    tell(source: "looks at \(TaskName(index: task))" + (isThere ? ", and finds it there" : ""))
    source = .counting(
      asked: asked, next: task + 1, found: found + (isThere ? [report] : []), beganNs: began)
  }

  /// Puts the result of a census behind all that the ring holds.
  private mutating func endCount(
    _ asked: [NamespaceID], _ found: [ModelReport], since began: UInt64
  ) {
    tell(source: "has found who uses them")
    source = .live
    for report in found { deliver(report) }
    for id in asked {
      let count = found.count { $0.place.ids.contains(id) }
      deliver(make(.users(id, count: UInt32(count), beganNs: began), of: 0))
    }
  }

  private mutating func tell(source text: String) {
    if isTold { lines.append("     nstrace \(text)") }
  }
}

extension ModelReport.Content {
  var verb: String {
    switch self {
    case .unshare: "unshare"
    case .setns(_, let isRefused): isRefused ? "a refused setns" : "setns"
    case .exec: "exec"
    case .exit: "exit"
    case .fork: "fork"
    case .clone: "clone"
    default: "\(self)"
    }
  }
}
