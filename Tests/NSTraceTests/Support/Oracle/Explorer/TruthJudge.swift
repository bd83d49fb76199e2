// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// Compares a tracer's records of a model's stream with the truth of the model.
///
/// It reads records as a reader does. NS_CREATE begins the life of a namespace, NS_DESTROY ends it,
/// and the records in between are about the same namespace. The life's object in the kernel is the
/// one that the task of its first record was in.
struct TruthJudge {
  /// A namespace by its records.
  private struct Life {
    var namespace: Int
    /// The operation of the first record; nil: the namespace was in use when the first snapshot was
    /// complete.
    var op: NSTrace.Operation?
    /// Whether an entry is recorded as the creation, for lack of records.
    var isExcused = false
    /// The time of the report that the first record comes from.
    var beganNs: UInt64 = 0

    var isSeen: Bool { op == nil || op == .resync }
    /// Whether a walk or a call of the finding task's own has found the namespace.
    var isFound: Bool { isSeen || op == .late }
  }

  private let model: KernelModel
  private let run: TracedRun
  private let reports: [UInt64: Int]
  private var lives: [NamespaceID: Life] = [:]
  /// For each namespace, how often it was recorded as made by its maker, and how often as
  /// destroyed.
  private var creations: [Int]
  private var destructions: [Int]
  /// For each namespace, the tasks that are recorded as having entered it.
  private var arrived: [TaskMask]
  /// For each namespace, the tasks whose entry was held when all others were recorded as having
  /// left.
  private var heldBack: [TaskMask]
  /// The namespace that the last event has ended because another one has its number now.
  private var replaced: (id: NamespaceID, namespace: Int, timeNs: UInt64)?
  /// For each identity, the life that began last, and the object whose record came before an older
  /// one.
  private var begun: [NamespaceID: Life] = [:]
  private var overtaken: [NamespaceID: Int] = [:]
  private(set) var violations: [Violation] = []
  private(set) var remainders: [Remainder: Int] = [:]
  /// For each namespace, the tasks that are recorded as in it because its number is not its own
  /// alone, which is excused.
  private var misled: [Int: TaskMask] = [:]
  private var position = 0
  private var lostTold = 0

  /// - Parameter isOver: whether the model is at its end and the tracer was given all of it.
  init(_ model: KernelModel, _ run: TracedRun, isOver: Bool) {
    self.model = model
    self.run = run
    reports = Dictionary(
      model.stream.indices.map { (model.stream[$0].timeNs, $0) }, uniquingKeysWith: { $1 })
    creations = Array(repeating: 0, count: model.namespaces.count)
    destructions = creations
    arrived = Array(repeating: [], count: model.namespaces.count)
    heldBack = arrived
    judgeAll()
    if isOver { judgeEnd() }
  }

  private mutating func judgeAll() {
    guard let begins = firstEnd, let inUse = run.first else { return }
    for id in inUse { lives[id] = Life(namespace: namespace(id, asOf: begins), op: nil) }
    var next = 0
    for index in model.stream.indices.dropFirst(begins) where index < run.position {
      position = index + 1
      while next < run.said.count, run.said[next].position <= position {
        judge(run.said[next].event)
        next += 1
      }
      if model.stream[index].truth.isQuiet, !run.waits[index] { judgeUse(model.stream[index]) }
    }
    position = run.position
    for said in run.said[next...] { judge(said.event) }
  }

  /// The index at which the first snapshot ends.
  private var firstEnd: Int? { model.stream.firstIndex { $0.content == .snapshotEnd } }

  /// The object that had this identity when it was last reported before `index`.
  private func namespace(_ id: NamespaceID, asOf index: Int) -> Int {
    let named = model.stream[..<index].filter { $0.place.ids.contains(id) }
    guard let last = named.max(by: { $0.timeNs < $1.timeNs }),
      let slot = NamespaceSlot.allCases.first(where: { last.place[$0] == id })
    else { return 0 }
    return last.truth.place[slot]
  }

  private mutating func add(_ kind: Violation.Kind, _ text: String) {
    violations.append(Violation(kind: kind, text: text, position: position))
  }

  private mutating func excuse(_ remainder: Remainder) { remainders[remainder, default: 0] += 1 }
}

// MARK: - Records

extension TruthJudge {
  private mutating func judge(_ event: ObservedEvent) {
    if let lost = event.lost, !lost.resynced { lostTold += Int(lost.count) }
    guard let index = reports[UInt64(event.timeNs)] else { return }
    for record in event.records where record.granted {
      judge(record, of: model.stream[index])
    }
  }

  private mutating func judge(_ record: NamespaceRecord, of report: ModelReport) {
    guard let id = record.namespace else { return add(.unfounded, record.line) }
    if record.op == .assign || record.op == .release {
      return judgeContainers(record.containers, in: id, record, report)
    }
    switch record.verb {
    case .create: judgeCreation(record, id, report)
    case .change: judgeChange(record, id, report)
    case .destroy: judgeEnd(record, id, report)
    }
    judgeID(of: record, report)
  }

  /// The object that the record's task was in, by the report that the record comes from.
  private func truth(_ record: NamespaceRecord, _ id: NamespaceID, _ report: ModelReport) -> Int? {
    guard record.opid == report.task.tid else { return nil }
    let slot = NamespaceSlot.allCases.first { slot in
      slot.kind == id.kind && report.place[slot] == id
    }
    return slot.map { report.truth.place[$0] }
  }

  private mutating func judgeCreation(
    _ record: NamespaceRecord, _ id: NamespaceID, _ report: ModelReport
  ) {
    guard let namespace = truth(record, id, report) else { return add(.unfounded, record.line) }
    if let life = lives[id] { judgeOverlap(of: life, namespace, record, report) }
    let life = Life(namespace: namespace, op: record.op, beganNs: report.timeNs)
    lives[id] = life
    if let last = begun[id], last.beganNs > life.beganNs { overtaken[id] = last.namespace }
    begun[id] = life
    if isBlind, let replaced, replaced.id == id, replaced.timeNs == report.timeNs {
      // Tasks that had entered the old namespace are taken to be in the new one.
      misled[namespace, default: []].formUnion(arrived[replaced.namespace])
    }
    arrived[namespace].insert(TaskMask(report.task.index))
    let isMaker = model.namespaces[namespace].maker == report.task.index
    switch record.op {
    case .unshare, .clone, .clone3:
      creations[namespace] += 1
      if !isMaker { add(.notTheMaker, wrong(record, namespace)) }
      if creations[namespace] > 1 { add(.createdTwice, record.line) }
    default:
      if !isMaker { judgeEntrance(record, id, namespace, report) }
    }
  }

  /// The namespace was in use by the records.
  private mutating func judgeOverlap(
    of life: Life, _ namespace: Int, _ record: NamespaceRecord, _ report: ModelReport
  ) {
    if life.namespace == namespace, life.isFound { return excuse(.seenBeforeItsMaker) }
    if life.namespace == namespace, life.isExcused { return excuse(.whileRecordsAreMissing) }
    let isEntered = life.op == .setns || life.isSeen && areTakenForEntrants(in: life.namespace)
    if life.namespace != namespace, isBlind, isEntered {
      misled[namespace, default: []].formUnion(arrived[life.namespace])
      return excuse(.numberGivenOn)
    }
    // A walk has seen the next namespace with the number.
    if life.isFound, isMissing(report), isByNumber {
      misled[namespace, default: []].formUnion(arrived[life.namespace])
      return excuse(.whileRecordsAreMissing)
    }
    add(.createdTwice, record.line)
  }

  /// Whether numbers alone identify namespaces. A number is given again.
  private var isByNumber: Bool { !model.world.tier.hasIDs }

  /// Whether a number can be given again with no record of that.
  private var isBlind: Bool { isByNumber && !model.world.tier.isTraced }

  private func wrong(_ record: NamespaceRecord, _ namespace: Int) -> String {
    let maker = model.namespaces[namespace].maker.map { "made by \(TaskName(index: $0))" }
    return "\(record.line): \(maker ?? "the host's")"
  }

  /// A task is recorded as having entered a namespace without users.
  private mutating func judgeEntrance(
    _ record: NamespaceRecord, _ id: NamespaceID, _ namespace: Int, _ report: ModelReport
  ) {
    let entry = report.truth.entries.last { $0.namespace == namespace }
    guard let others = entry?.others, !others.isEmpty else { return }
    let entrants = report.truth.entrants(of: namespace)
    // The others have entered it as well and report later: either order is right.
    if others.isSubset(of: entrants) { return }
    let inside = report.truth.users(of: namespace).subtracting(entrants)
      .subtracting(TaskMask(report.task.index))
    if inside.isEmpty { return excuse(.leftBeforeEntranceWasReported) }
    if inside.isSubset(of: report.truth.exiting) { return excuse(.passedOverByWalks) }
    if areSilent(inside, in: namespace, report), !wereShown(inside, in: namespace, since: report) {
      return excuse(.compatUnreported)
    }
    if heldBack[namespace].has(report.task.index) { return excuse(.entranceHeldBack) }
    if isMissing(report) {
      lives[id]?.isExcused = true
      return excuse(.whileRecordsAreMissing)
    }
    add(.entrantToldAsMaker, wrong(record, namespace))
  }

  /// Whether the tasks came there by compat calls, or are children of tasks that did, and are
  /// reported with them.
  private func areSilent(_ tasks: TaskMask, in namespace: Int, _ report: ModelReport) -> Bool {
    let silent = report.truth.silent(in: namespace)
    return !tasks.isDisjoint(with: silent) && tasks.isSubset(of: silent.union(report.truth.unborn))
  }

  /// Whether the next report of one of the tasks, or a walk before that, has shown it in there, as
  /// one that did not enter by the reported call.
  private func wereShown(
    _ tasks: TaskMask, in namespace: Int, since report: ModelReport
  ) -> Bool {
    let heard = model.stream[(reports[report.timeNs] ?? 0)..<position].dropFirst()
    return tasks.tasks.contains { task in
      guard let next = heard.firstIndex(where: { $0.actor == task && !$0.isCensus }) else {
        return false
      }
      let isShown = heard[...next].contains {
        $0.task.index == task && $0.truth.place.holds(namespace)
      }
      switch heard[next].content {
      case .unshare, .exec, .task, .exit: return isShown
      case .setns: return isShown && !heard[next].truth.place.holds(namespace)
      default: return false
      }
    }
  }

  /// Whether the tasks have entered and their reports have come, without a record so far.
  private func isHeldBack(
    _ tasks: TaskMask, from namespace: Int, _ report: ModelReport
  ) -> Bool {
    let entrants = report.truth.entrants(of: namespace)
    return tasks.subtracting(entrants).tasks.allSatisfy { task in
      guard !arrived[namespace].has(task) else { return false }
      return model.stream[..<position].contains {
        $0.task.index == task
          && $0.truth.entries.contains { $0.namespace == namespace && $0.isEntrance }
      }
    }
  }

  /// Whether the last report of each task before this one does not show it in there. A walk comes
  /// before older reports.
  private func isUnheard(_ tasks: TaskMask, of namespace: Int, _ report: ModelReport) -> Bool {
    areElsewhere(tasks, than: namespace, asOf: reports[report.timeNs] ?? position)
  }

  /// Whether the tasks' reports of leaving came later and were put in front of this report, which
  /// was held.
  private func isOvertaken(_ tasks: TaskMask, in namespace: Int, _ report: ModelReport) -> Bool {
    wasHeldBack(report) && areElsewhere(tasks, than: namespace, asOf: position)
  }

  private func wasHeldBack(_ report: ModelReport) -> Bool {
    reports[report.timeNs].map { $0 < position - 1 } ?? false
  }

  private func areElsewhere(_ tasks: TaskMask, than namespace: Int, asOf index: Int) -> Bool {
    let heard = model.stream[..<index].filter(\.isAboutPlaces)
    return tasks.tasks.allSatisfy { task in
      let youngest = heard.filter { $0.task.index == task }.max { $0.timeNs < $1.timeNs }
      return youngest?.truth.place.holds(namespace) != true
    }
  }

  /// Whether records were missing when the report was made, or when it was taken up.
  private func isMissing(_ report: ModelReport) -> Bool {
    report.truth.isMissing || model.stream[position - 1].truth.isMissing
  }

  private mutating func judgeChange(
    _ record: NamespaceRecord, _ id: NamespaceID, _ report: ModelReport
  ) {
    guard let namespace = truth(record, id, report) else { return add(.unfounded, record.line) }
    arrived[namespace].insert(TaskMask(report.task.index))
    guard let life = lives[id] else { return add(.changedToUnused, record.line) }
    if life.namespace != namespace { return judgeMistake(record, life, namespace, report) }
    judgeContainers(record.namespaceContainers, in: id, record, report)
    let isMaker = model.namespaces[namespace].maker == report.task.index
    if isMaker, [.unshare, .clone, .clone3].contains(record.op) {
      add(.makerToldAsEntrant, record.line)
    }
    let entry = report.truth.entries.last { $0.namespace == namespace }
    if entry?.others == [], entry?.isEntrance == true { excuse(.gapUnseen) }
  }

  /// The task is recorded as in another namespace than its own, with the same number.
  private mutating func judgeMistake(
    _ record: NamespaceRecord, _ life: Life, _ namespace: Int, _ report: ModelReport
  ) {
    let reason: Remainder
    switch record.op {
    case .resync where isMissing(report) && isByNumber,
      .late where isMissing(report) && isByNumber,
      .setns where isMissing(report) && isByNumber:
      reason = .whileRecordsAreMissing
    case _ where life.beganNs > report.timeNs && isByNumber:
      reason = .entranceHeldBack
    case .setns where isBlind: reason = .numberGivenOn
    case .late where isBlind: reason = .compatNumberGivenOn
    default:
      if takesOver(namespace, report) { return }
      return add(
        .enteredAnother, "\(record.line): by the records \(model.name(life.namespace))")
    }
    misled[life.namespace, default: []].insert(TaskMask(report.task.index))
    excuse(reason)
  }

  private mutating func judgeEnd(
    _ record: NamespaceRecord, _ id: NamespaceID, _ report: ModelReport
  ) {
    guard let life = lives.removeValue(forKey: id) else {
      return add(.destroyedUnused, record.line)
    }
    let namespace = life.namespace
    if record.op == .late { replaced = (id, namespace, report.timeNs) }
    destructions[namespace] += 1
    let users = report.truth.users(of: namespace)
    guard destructions[namespace] > report.truth.gaps(of: namespace) else { return }
    // A walk has skipped them.
    if users.isSubset(of: report.truth.exiting) { return }
    if users.isSubset(of: report.truth.entrants(of: namespace)) {
      destructions[namespace] -= 1
      return excuse(.leftBeforeEntranceWasReported)
    }
    let isMakers = record.op == .late && model.namespaces[namespace].maker == report.task.index
    let isUnreported = users.isSubset(of: report.truth.unreported(in: namespace))
    if life.isSeen, isMakers || isUnreported { return excuse(.seenBeforeItsMaker) }
    if areSilent(users, in: namespace, report) { return excuse(.compatUnreported) }
    if isOvertaken(users, in: namespace, report) { return excuse(.entranceHeldBack) }
    if isHeldBack(users, from: namespace, report) {
      heldBack[namespace].formUnion(users)
      return excuse(.entranceHeldBack)
    }
    // Where a number alone identifies, a task without a known entry counts as having left when the
    // number is made anew.
    let isAnother = record.op == .late && isByNumber
    let isLost = isAnother && users.tasks.contains { hasLostReport($0) }
    if isMissing(report), isLost || isUnheard(users, of: namespace, report) {
      return excuse(.whileRecordsAreMissing)
    }
    let inside = users.tasks.map { "\(TaskName(index: $0))" }.joined(separator: ", ")
    add(.destroyedWhileUsed, "\(record.line): \(inside) inside")
  }
}

// MARK: - Containers

extension TruthJudge {
  private mutating func judgeContainers(
    _ list: ContainerList, in id: NamespaceID, _ record: NamespaceRecord, _ report: ModelReport
  ) {
    guard let life = lives[id] else { return }
    let tasks = report.truth.everUsed(life.namespace).union(misled[life.namespace] ?? []).tasks
    for element in list.elements {
      let isThere = tasks.contains { report.truth.containers[$0] == Int(element.id.low) }
      if isThere { continue }
      guard isMissing(report) else { return add(.containerNeverInside, record.line) }
      misled[life.namespace, default: []].insert(TaskMask(report.task.index))
      excuse(.whileRecordsAreMissing)
    }
  }

  private mutating func judgeID(of record: NamespaceRecord, _ report: ModelReport) {
    guard let task = TaskName(tid: record.opid) else { return add(.unfounded, record.line) }
    // The numbers at the time of the report, or of the effect.
    let numbers =
      [report.truth.containers[task.index]]
      + (report.task == task ? report.truth.entries.map(\.container) : [])
    if numbers.contains(where: { record.containers == .ofModel($0) }) { return }
    // A walk, or a report that has overtaken this one, has shown the task, which was born since.
    let youngest = model.stream[..<position].max { $0.timeNs < $1.timeNs }
    let now = youngest?.truth.containers[task.index] ?? 0
    guard record.containers == .ofModel(now) else { return add(.wrongContainer, record.line) }
    if isMissing(report) { return excuse(.whileRecordsAreMissing) }
    if wasHeldBack(report) { return excuse(.entranceHeldBack) }
    add(.wrongContainer, record.line)
  }
}

extension ContainerList {
  static func ofModel(_ number: Int) -> ContainerList {
    .of(number == 0 ? nil : ContainerID(high: 0, low: UInt64(number)))
  }
}

// MARK: - Quiet points

extension TruthJudge {
  private mutating func judgeUse(_ report: ModelReport) {
    let truth = report.truth
    let used = Set(truth.users.indices.filter { !truth.users[$0].isEmpty })
    var told = Set(lives.values.map(\.namespace))
    let needed = used.filter { !truth.users[$0].isSubset(of: truth.exiting) }
    for namespace in used.subtracting(told).sorted() {
      if takesOver(namespace, report) || !needed.contains(namespace) { continue }
      add(.inUseDiffers, "\(model.name(namespace)) is in use, not so by the records")
    }
    told = Set(lives.values.map(\.namespace))
    for namespace in told.subtracting(used).sorted() {
      add(.inUseDiffers, "\(model.name(namespace)) is not in use, yet so by the records")
    }
  }

  /// A task that came there by compat calls, or was taken to be in another namespace, is recorded
  /// in one with the same number. The life of that one goes on as this one's.
  private mutating func takesOver(_ namespace: Int, _ report: ModelReport) -> Bool {
    let (id, truth) = (model.namespaces[namespace].id, report.truth)
    guard let life = lives[id] else { return false }
    let users = truth.users(of: namespace)
    let isSilent = isBlind && !users.isDisjoint(with: truth.everSilent)
    let wasMisled = misled[life.namespace] ?? []
    let isMisled = users.tasks.contains { !wasMisled.isDisjoint(with: lineage(of: $0)) }
    // A walk has seen the last of several namespaces that had the number in turn.
    let isWalked =
      isByNumber && users.tasks.contains { wasSeen($0, in: namespace) }
    let isReturned = isByNumber && users.tasks.contains { hasLostReport($0) }
    let isOvertaken = isByNumber && overtaken[id] == namespace
    guard isSilent || isMisled || isWalked || isReturned || isOvertaken else { return false }
    lives[id]?.namespace = namespace
    creations[namespace] += 1
    if isSilent { excuse(.compatNumberGivenOn) }
    if isWalked || isReturned { excuse(.whileRecordsAreMissing) }
    if isOvertaken { excuse(.entranceHeldBack) }
    return true
  }

  /// Whether all tasks in there, by their last reports, count as having entered. Where a number
  /// alone identifies, they may have entered the namespace that has the number now.
  private func areTakenForEntrants(in namespace: Int) -> Bool {
    let heard = model.stream[..<(position - 1)].filter { $0.isAboutPlaces || $0.content == .exit }
    return Dictionary(grouping: heard, by: \.task.index).allSatisfy { task, reports in
      let youngest = reports.max { $0.timeNs < $1.timeNs }
      guard let youngest, youngest.isAboutPlaces, youngest.truth.place.holds(namespace) else {
        return true
      }
      return isTakenForEntrant(task, in: namespace, heard)
    }
  }

  /// Whether the task, or its parent, has reported a setns from there.
  private func isTakenForEntrant(_ task: Int, in namespace: Int, _ heard: [ModelReport]) -> Bool {
    heard.contains { report in
      guard report.task.index == task else { return false }
      switch report.content {
      case .setns(_, let isRefused): return !isRefused && report.truth.place.holds(namespace)
      case .fork(let parent), .clone(let parent, _, _):
        return isTakenForEntrant(parent.index, in: namespace, heard)
      default: return false
      }
    }
  }

  /// A task, its parent and so on, as far as their births were reported.
  private func lineage(of task: Int) -> TaskMask {
    for report in model.stream[..<position] where report.task.index == task {
      switch report.content {
      case .fork(let parent), .clone(let parent, _, _):
        return lineage(of: parent.index).union(TaskMask(task))
      default: continue
      }
    }
    return TaskMask(task)
  }

  /// Whether the task is still recorded in its former namespace by the number, because the report
  /// of its leaving was lost.
  private func hasLostReport(_ task: Int) -> Bool {
    model.world.losses.contains { $0.task.index == task }
  }

  /// Whether a walk was the first to report the task there.
  private func wasSeen(_ task: Int, in namespace: Int) -> Bool {
    model.stream[..<position].first {
      $0.task.index == task && $0.isAboutPlaces && $0.truth.place.holds(namespace)
    }?.isWalked == true
  }

  private mutating func judgeEnd() {
    if let failure = run.failure { add(.failed, failure) }
    if model.isQuiet {
      if run.waits.last == true { add(.waitsInVain, "at the end of the stream") }
      judgePlaces()
    }
    judgeCreations()
    if lostTold != lost { add(.lossUntold, "\(lost) lost, \(lostTold) told") }
  }

  /// How many losses the records must report. Those before the first snapshot are not reported.
  private var lost: Int {
    model.stream.dropFirst(firstEnd ?? 0).reduce(0) { sum, report in
      guard case .lost(_, let count, _) = report.content else { return sum }
      return sum + Int(count)
    }
  }

  private mutating func judgePlaces() {
    let alive = model.tasks.indices.filter { model.tasks[$0].life == .running }
    let places = Dictionary(
      uniqueKeysWithValues: alive.map {
        (TaskName(index: $0).tid, model.wire(model.tasks[$0].place))
      })
    if run.places != places || run.taskCount != places.count {
      add(.placesDiffer, "told are \(run.places.keys.sorted())")
    }
    let used = model.namespaces.count { !$0.users.isEmpty }
    if run.namespaceCount != used {
      add(.inUseDiffers, "\(run.namespaceCount) in the state, not \(used)")
    }
    for task in alive {
      let told = run.container(of: TaskName(index: task).tid)
      if told != .ofModel(model.tasks[task].container) {
        add(.wrongContainer, "\(TaskName(index: task)) has \(told)")
      }
    }
  }

  /// Judges each namespace whose making was reported while following, and which no walk had seen
  /// before.
  private mutating func judgeCreations() {
    guard let begins = firstEnd else { return }
    for namespace in model.namespaces.indices where creations[namespace] == 0 {
      guard let maker = model.namespaces[namespace].maker else { continue }
      let report = model.stream.firstIndex { isMaking($0, of: namespace, by: maker) }
      guard let report, report > begins else { continue }
      // In the namespace or, at a later time, in the one that the maker entered next.
      let wasSeen = model.stream[..<report].contains {
        $0.isWalked && $0.task.index == maker
          && ($0.truth.place.holds(namespace) || $0.timeNs > model.stream[report].timeNs)
      }
      if wasSeen { continue }
      if isBlind, model.tasks[maker].isSilent {
        excuse(.compatNumberGivenOn)
      } else if model.stream[report].truth.isMissing, isByNumber {
        excuse(.whileRecordsAreMissing)
      } else {
        add(.neverCreated, model.name(namespace))
      }
    }
  }

  private func isMaking(_ report: ModelReport, of namespace: Int, by maker: Int) -> Bool {
    let kind = model.namespaces[namespace].id.kind
    let flags: UInt64
    let slot: NamespaceSlot
    switch report.content {
    case .unshare(let asked): (flags, slot) = (asked, .movedByCall(kind))
    case .clone(_, _, let asked):
      (flags, slot) = (asked, NamespaceSlot.movedByCall(kind).membership)
    default: return false
    }
    return report.task.index == maker && report.truth.place[slot] == namespace
      && flags & kind.cloneFlag != 0
  }
}

extension ModelReport {
  /// Whether the record gives its task's namespaces. The result of a census only prolongs the hold.
  fileprivate var isAboutPlaces: Bool {
    switch content {
    case .fork, .clone, .exec, .unshare, .setns: true
    case .task(let flags): flags & UInt16(NST_FLAG_CENSUS) == 0
    default: false
    }
  }

  fileprivate var isCensus: Bool { content == .task(flags: UInt16(NST_FLAG_CENSUS)) }

  /// The task that caused the record.
  fileprivate var actor: Int {
    switch content {
    case .fork(let parent), .clone(let parent, _, _): parent.index
    default: task.index
    }
  }

  /// Whether a snapshot has made the record.
  fileprivate var isWalked: Bool { content == .task(flags: 0) }
}

extension ModelTruth {
  // Namespaces that were made later had no users.
  func users(of namespace: Int) -> TaskMask { namespace < users.count ? users[namespace] : [] }
  func entrants(of namespace: Int) -> TaskMask {
    namespace < entrants.count ? entrants[namespace] : []
  }
  func unreported(in namespace: Int) -> TaskMask {
    namespace < unreported.count ? unreported[namespace] : []
  }
  func silent(in namespace: Int) -> TaskMask { namespace < silent.count ? silent[namespace] : [] }
  func gaps(of namespace: Int) -> Int { namespace < gaps.count ? gaps[namespace] : 0 }
  func everUsed(_ namespace: Int) -> TaskMask {
    namespace < everUsed.count ? everUsed[namespace] : []
  }
}
