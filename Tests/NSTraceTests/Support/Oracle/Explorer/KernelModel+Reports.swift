// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension KernelModel {
  /// What emit_switch and task_exec do: what was sent is what the task was reported with.
  mutating func report(_ content: ModelReport.Content, of task: Int) {
    tell(task, "reports \(content.verb)")
    put(content, of: task, call: (task, tasks[task].call))
  }

  /// A set that is not the one last reported, found at fork, exec and exit.
  mutating func reveal(_ task: Int) {
    guard wire(tasks[task].place) != tasks[task].reported else { return }
    tell(task, "is found to have moved")
    put(.task(flags: UInt16(NST_FLAG_LATE)), of: task)
  }

  /// Into the ring, unless it is full just then. The task counts as reported where it is.
  /// - Parameter call: what it reports, if that is one of those whose reports may be lost.
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

  /// Of something else than where its task is.
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

  /// A record of now, with the truth of now.
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

  /// By namespace, whom calls of some kind have brought there.
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

  /// The programs run from now on, then the tasks are walked over.
  mutating func attach() {
    tell(source: "attaches")
    source = .live
    deliver(make(.host(wire(tasks[0].place)), of: 0))
    deliver(make(.clock, of: 0))
    beginWalk()
  }

  private mutating func beginWalk() {
    deliver(make(.snapshotBegin, of: 0))
    // The host's first task is seen at once: it does nothing.
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

  /// Whom a walk finds: who can be found and does not exit.
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
    // No other report of it will come.
    if tasks[task].step == 0 { tasks[task].entries = [] }
    source = .walking(next: task + 1, found: found + [report])
  }

  /// What the walk found comes before what stood in the ring meanwhile.
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

  /// Behind all that stands in the ring.
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
