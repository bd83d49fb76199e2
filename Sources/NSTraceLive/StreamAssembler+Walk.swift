// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A walk of the stream's own: SNAPSHOT_BEGIN, cgroups, tasks, SNAPSHOT_END.
extension StreamAssembler where Port: ~Copyable {
  /// A ring that overflows during each of so many walks will do it again: the next loss then begins
  /// the next walk, and the stream goes on in between.
  static var walksMax: Int { 5 }
  /// So many directories are opened between two looks at the ring: about a millisecond.
  static var cgroupsAtOnce: Int { 64 }

  mutating func beginWalk() throws(SystemError) {
    census.abandon()
    try port.beginWalk(reports: true)
    var record = nst_snapshot()
    record.hdr.time_ns = port.now(.boot)
    hooks.watch.walkBegins(at: record.hdr.time_ns)
    encoder.append(record, kind: NST_KIND_SNAPSHOT_BEGIN)
    port.beginCgroups()
    phase = .walking(tasks: 0, ringIsNext: true)
    walks += 1
    isCaughtUp = false
  }

  mutating func walk(
    _ tasks: UInt64, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if port.hasCgroups {
      appendCgroups()
      phase = .walking(tasks: tasks, ringIsNext: true)
      return give(&batch)
    }
    batch.removeAll()
    try port.takeWalk(into: &batch, room: Self.readBytes)
    guard !batch.isEmpty else {
      phase = .settling(tasks: tasks, bytesLeft: port.ringBytes)
      return try settle(tasks, port.ringBytes, into: &batch)
    }
    phase = .walking(tasks: tasks + batch.taskCount, ringIsNext: true)
    return .records
  }

  /// The kernel side reports cgroups that are made and removed from now on, this those there were
  /// before, and those that were lost. They come before the tasks, whose records have only the ids.
  private mutating func appendCgroups() {
    for cgroup in port.takeCgroups(Self.cgroupsAtOnce) {
      encoder.append(cgroup, at: port.now(.boot))
    }
  }

  /// Reads what happened during the walk before the walk is declared complete: a task that has exited
  /// meanwhile then ends by its exit, and not for being missing in the snapshot.
  mutating func settle(
    _ tasks: UInt64, _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .settling(tasks: tasks, bytesLeft: bytesLeft - batch.count)
      return .records
    }
    // What was lost during the walk may be missing in it: it is complete only without.
    if losses.isNew(by: port) && walks < Self.walksMax { return try crossGap(0, into: &batch) }
    encoder.removeAll()
    endWalk(tasks)
    return give(&batch)
  }

  private mutating func endWalk(_ tasks: UInt64) {
    walks = 0
    var record = nst_snapshot()
    record.hdr.time_ns = port.now(.boot)
    record.tasks = tasks
    hooks.watch.walkEnds(at: record.hdr.time_ns)
    encoder.append(record, kind: NST_KIND_SNAPSHOT_END)
    phase = .live
  }
}
