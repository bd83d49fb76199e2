// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
@testable internal import NSTrace

/// A dump like that of a busy host. Two dumps of the same count are equal.
struct SyntheticDump: ~Copyable {
  private var sink: DumpSink
  private var encoder = RecordEncoder()
  private var timeNs: UInt64 = 1_000_000_000
  private var random = SplitMix(state: 1)
  private var alive: [Task] = []
  private var nextTid: UInt32 = 0
  private let tasksAlive: Int
  private let setCount: Int

  private struct Task {
    var id: nst_task_id
    var set: UInt32
  }

  private static let blockBytes = 256 << 10

  /// - Parameters:
  ///   - tasksAlive: how many tasks live at once, to within 1 %.
  ///   - setCount: how many different sets of namespaces they have.
  init(_ sink: consuming DumpSink, tasksAlive: Int = 20_000, setCount: Int = 2_000) {
    self.sink = sink
    self.tasksAlive = tasksAlive
    self.setCount = min(setCount, tasksAlive / 2)
  }

  mutating func begin() throws {
    var host = nst_host()
    host.initial = Self.set(0)
    host.nsfs_dev = 4
    encoder.append(host)
    encoder.append(nst_clock())
    encoder.append(nst_snapshot(), kind: NST_KIND_SNAPSHOT_BEGIN)
    for number in 0..<UInt32(setCount) { appendTask(set: number) }
    encoder.append(nst_snapshot(), kind: NST_KIND_SNAPSHOT_END)
    try flush(above: 0)
  }

  mutating func finish() throws {
    try flush(above: 0)
    try sink.finish()
  }

  /// Of 100 records 95 are forks and exits that change no set, and 5 are execs, in random order so that
  /// the processor cannot predict them.
  mutating func writeTasks(_ count: Int) throws {
    while alive.count < tasksAlive {
      timeNs += 1000
      appendFork()
      try flush(above: Self.blockBytes)
    }
    for _ in 0..<count {
      timeNs += 1000
      let isExec = random.next(below: 100) < 5
      let isFork =
        alive.count <= tasksAlive * 99 / 100
        || alive.count < tasksAlive && random.next(below: 2) == 0
      if isExec { appendExec() } else if isFork { appendFork() } else { appendExit() }
      try flush(above: Self.blockBytes)
    }
  }

  /// One task unshares its UTS namespace `count` times. Each call creates a namespace and destroys the last.
  mutating func writeNamespaces(_ count: Int) throws {
    for number in 0..<UInt32(count) {
      timeNs += 1000
      var record = nst_switch()
      record.hdr.time_ns = timeNs
      record.subject = Self.subject(alive[0].id)
      record.call.op = NST_OP_UNSHARE.rawValue
      record.call.number = 272
      record.call.arch = 0xc000_003e
      record.call.flags = NamespaceKind.uts.cloneFlag
      record.call.args.0 = record.call.flags
      record.set = Self.set(0)
      record.set[.uts] = NamespaceID(
        kind: .uts, inum: 0xF100_0000, nsid: 1_000_000 + UInt64(number))
      encoder.append(record)
      try flush(above: Self.blockBytes)
    }
  }

  private mutating func flush(above bytes: Int) throws {
    guard encoder.bytes.count > bytes else { return }
    try sink.write(RecordBatch(encoder.bytes))
    encoder.removeAll()
  }
}

// MARK: - Records

extension SyntheticDump {
  private mutating func newTask() -> nst_task_id {
    nextTid = nextTid % 4_000_000 + 1
    return nst_task_id(start_ns: timeNs, tid: nextTid, tgid: nextTid)
  }

  private mutating func appendTask(set number: UInt32) {
    let id = newTask()
    var record = nst_task()
    record.hdr.time_ns = timeNs
    record.subject = Self.subject(id)
    record.set = Self.set(number)
    encoder.append(record)
    alive.append(Task(id: id, set: number))
  }

  private mutating func appendFork() {
    let parent = alive[random.next(below: alive.count)]
    var record = nst_fork()
    record.hdr.time_ns = timeNs
    record.child = newTask()
    record.parent_tid = parent.id.tid
    encoder.append(record)
    alive.append(Task(id: record.child, set: parent.set))
  }

  /// Never ends the first task of a set: it keeps the set in use.
  private mutating func appendExit() {
    let index = setCount + random.next(below: alive.count - setCount)
    var record = nst_exit()
    record.hdr.time_ns = timeNs
    record.task = alive[index].id
    alive.swapAt(index, alive.count - 1)
    alive.removeLast()
    encoder.append(record)
  }

  private mutating func appendExec() {
    let task = alive[random.next(below: alive.count)]
    var record = nst_exec()
    record.hdr.time_ns = timeNs
    record.subject = Self.subject(task.id)
    record.call.op = NST_OP_EXEC.rawValue
    record.set = Self.set(task.set)
    record.old_tid = task.id.tid
    record.exe_bytes = 13
    encoder.append(record, tail: Array("/usr/bin/true".utf8))
  }

  private static func subject(_ id: nst_task_id) -> nst_subject {
    var subject = nst_subject()
    subject.task = id
    subject.auid = 1000
    subject.ses = 3
    subject.comm.0 = CChar(UInt8(ascii: "x"))
    return subject
  }

  /// Set 0 is the host's own; the others have a network and a mount namespace of their own.
  private static func set(_ number: UInt32) -> nst_set {
    var set = nst_set()
    for slot in NamespaceSlot.allCases {
      let isOwn = slot == .net || slot == .mnt
      let inum = UInt32(0xF000_0000) + UInt32(slot.kind.rawValue) * 10_000 + (isOwn ? number : 0)
      set[slot] = NamespaceID(kind: slot.kind, inum: inum, nsid: UInt64(inum))
    }
    return set
  }
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators). The seed is fixed, so
/// that two runs measure the same.
private struct SplitMix {
  var state: UInt64

  mutating func next(below bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ z >> 31) % UInt64(bound))
  }
}
