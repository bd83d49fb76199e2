// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// The paths of cgroups, kept naively.
struct CgroupNames {
  private var paths: [CgroupID: BoundedText] = [:]
  private static let slash = UInt8(ascii: "/")
  /// PATH_MAX; of a longer path the end is kept.
  private static let limit = 4096

  /// The path as printed: at most NST_PATH_BYTES less one.
  func printed(_ key: CgroupID) -> BoundedText { self[key].keepingEnd(1023) }

  /// The path; empty: not known.
  subscript(key: CgroupID) -> BoundedText {
    paths[key] ?? (key.id == 1 ? BoundedText([Self.slash]) : BoundedText())
  }

  /// The path that `cgroup=` prints for a task. v2 comes first unless it is the root, and a known
  /// path comes before an unknown one.
  subscript(home: CgroupHome) -> BoundedText {
    let v2 = self[home.inV2]
    if !v2.isEmpty && home.inV2.id != 1 { return v2 }
    let v1 = home.inV1.map { self[$0] } ?? BoundedText()
    return v1.isEmpty ? v2 : v1
  }

  mutating func read(_ event: nst_cgroup, _ path: [UInt8]) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      paths[key] = nil
    } else {
      set(key, BoundedText(path, cut: path.count < Int(NST_PATH_BYTES) - 1 ? nil : .end))
    }
  }

  mutating func read(_ event: nst_cgroup_in, _ name: [UInt8]) {
    let key = CgroupID(hierarchy: event.hierarchy, id: event.id)
    if event.hdr.flags & UInt16(NST_FLAG_REMOVED) != 0 {
      paths[key] = nil
      return
    }
    var path = self[CgroupID(hierarchy: event.hierarchy, id: event.parent_id)]
    if path.isEmpty || path.cut == .end { path = BoundedText(cut: .front) }
    if path.bytes == [Self.slash] { path.bytes = [] }
    path.bytes += [Self.slash] + name
    set(key, path)
  }

  /// Sets a path, and moves the cgroups below with it.
  private mutating func set(_ key: CgroupID, _ path: BoundedText) {
    let new = Self.bounded(path)
    let old = paths.updateValue(new, forKey: key)
    guard let old, old != new else { return }
    for (other, path) in paths
    where other.hierarchy == key.hierarchy && path.bytes.starts(with: old.bytes + [Self.slash]) {
      let bytes = new.bytes + path.bytes.dropFirst(old.bytes.count)
      paths[other] = Self.bounded(BoundedText(bytes, cut: path.cut))
    }
  }

  private static func bounded(_ path: BoundedText) -> BoundedText {
    if path.bytes.count <= limit { return path }
    let end = path.bytes.suffix(limit)
    return BoundedText(Array(end.drop { $0 != slash }), cut: .front)
  }
}

/// The cgroups of a task, of v2 and of v1. For each the latest record counts.
struct CgroupHome {
  private var v2: (id: UInt64, toldNs: UInt64) = (0, 0)
  private var v1: (key: CgroupID, toldNs: UInt64) = (CgroupID(hierarchy: 0, id: 0), 0)

  init() {}

  /// The cgroups at birth of a task that this ATTACH concerns.
  init(_ attach: nst_attach, inheriting home: CgroupHome?) {
    v2.id = home?.v2.id ?? 0
    v1.key = home?.v1.key ?? CgroupID(hierarchy: 0, id: 0)
    hear(attach)
  }

  mutating func hear(v2 id: UInt64, at time: UInt64) {
    if time >= v2.toldNs { v2 = (id, time) }
  }

  mutating func hear(v1 key: CgroupID, at time: UInt64) {
    if time >= v1.toldNs { v1 = (key, time) }
  }

  mutating func hear(_ attach: nst_attach) {
    let isOfProcess = attach.isOfProcess
    if !isOfProcess || attach.moved == 0 { hear(v2: attach.cgroup_id, at: attach.hdr.time_ns) }
    if !isOfProcess || attach.moved != 0 {
      hear(
        v1: CgroupID(
          hierarchy: isOfProcess ? attach.moved : attach.hierarchy, id: attach.v1_cgroup_id),
        at: attach.hdr.time_ns)
    }
  }

  /// Takes a TASK record. Of v1 it shows whether an ATTACH follows or the task is in the root.
  mutating func hear(_ event: nst_task) {
    let flags = Int32(event.hdr.flags)
    if flags & (NST_FLAG_LATE | NST_FLAG_CGROUP_V1) == 0 {
      hear(v1: CgroupID(hierarchy: 0, id: 0), at: event.hdr.time_ns)
    }
  }

  var inV2: CgroupID { CgroupID(hierarchy: 0, id: v2.id) }

  /// The cgroup of v1; nil: none, or the root.
  var inV1: CgroupID? { v1.key.hierarchy == 0 ? nil : v1.key }

  /// L1: the cgroup for which the task counts; nil: a root, which has no records.
  var counted: CgroupID? {
    if v2.id > 1 { return inV2 }
    return inV1.flatMap { $0.id > 1 ? $0 : nil }
  }
}

/// ATTACH records of tasks that are not born yet.
struct CgroupEntrances {
  private var waiting: [UInt32: nst_attach] = [:]

  mutating func keep(_ event: nst_attach) {
    if waiting.count == 4096 { waiting = [:] }
    waiting[event.task.tid] = event
  }

  /// Gives and removes the task's record; nil: the task is born in its parent's cgroups.
  mutating func take(_ id: nst_task_id) -> nst_attach? {
    guard let attach = waiting[id.tid], attach.task.start_ns == id.start_ns else { return nil }
    waiting[id.tid] = nil
    return attach
  }

  /// Forgets records from before `time`: the births may have been lost.
  mutating func forget(before time: UInt64) {
    waiting = waiting.filter { $0.value.hdr.time_ns >= time }
  }
}

extension nst_attach {
  /// Whether all threads of the process were moved.
  package var isOfProcess: Bool { hdr.flags & UInt16(NST_FLAG_PROCESS) != 0 }
}
