// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A walk of the stream's own: SNAPSHOT_BEGIN, cgroups, tasks, in the first one who is in a session of
/// earlier tracers, SNAPSHOT_END.
extension StreamAssembler where Port: ~Copyable {
  /// The most walks in a row that a loss begins anew. A ring that overflows during each of them
  /// will overflow again, so the stream goes on, and the next loss begins the next walk.
  static var walksMax: Int { 5 }
  /// Directories read between two reads of the ring: about a millisecond.
  static var cgroupsAtOnce: Int { 64 }

  mutating func beginWalk() throws(SystemError) {
    census.abandon()
    try port.beginWalk(reports: true)
    var record = nst_snapshot()
    record.hdr.time_ns = port.now(.boot)
    hooks.watch.walkBegins(at: record.hdr.time_ns)
    shares.pace.walkBegins(at: record.hdr.time_ns)
    storage.pace.walkBegins(at: record.hdr.time_ns)
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

  /// Adds cgroups to the stream: those that were made before the hooks were attached, and those
  /// whose records were lost. They come before the tasks, whose records have only the ids.
  private mutating func appendCgroups() {
    for cgroup in port.takeCgroups(Self.cgroupsAtOnce) {
      encoder.append(cgroup, at: port.now(.boot))
    }
  }

  /// Reads the records of what happened during the walk, before the walk is complete. A task that
  /// has exited meanwhile then ends by its EXIT, and not because the snapshot lacks it.
  mutating func settle(
    _ tasks: UInt64, _ bytesLeft: Int, into batch: inout RecordBatch
  ) throws(SystemError) -> SourceStatus {
    if bytesLeft > 0, readRing(into: &batch) == .records {
      phase = .settling(tasks: tasks, bytesLeft: bytesLeft - batch.count)
      return .records
    }
    // A record lost during the walk may be missing in the snapshot, so the walk is not complete.
    if losses.isNew(by: port) && walks < Self.walksMax { return try crossGap(0, into: &batch) }
    encoder.removeAll()
    appendInside(try takeInside()[...], tasks)
    return give(&batch)
  }

  mutating func endWalk(_ tasks: UInt64) {
    walks = 0
    var record = nst_snapshot()
    record.hdr.time_ns = port.now(.boot)
    record.tasks = tasks
    hooks.watch.walkEnds(at: record.hdr.time_ns)
    shares.pace.walkEnds(at: record.hdr.time_ns)
    storage.pace.walkEnds(at: record.hdr.time_ns)
    encoder.append(record, kind: NST_KIND_SNAPSHOT_END)
    phase = .live
  }
}
