// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// A task's cgroups, by the ids of their kernfs nodes: in v2, and in the one hierarchy of v1 that
/// names containers.
struct CgroupPlace: Equatable {
  /// 0: not known.
  var v2: UInt64 = 0
  /// CLOCK_BOOTTIME, nanoseconds: an older record does not undo it.
  var v2AsOfNs: UInt64 = 0
  var v1: UInt64 = 0
  /// 0: the task is in no cgroup of v1, or in its root.
  var hierarchy: UInt32 = 0
  /// CLOCK_BOOTTIME, nanoseconds. Apart from v2's time, because far more records state v2.
  var v1AsOfNs: UInt64 = 0

  init() {}

  init(v2: UInt64, at time: UInt64) {
    self.v2 = v2
    v2AsOfNs = time
  }

  /// The cgroups after a record of v2 at `time`, unless a newer one came before.
  func seen(in v2: UInt64, at time: UInt64) -> Self {
    guard time >= v2AsOfNs else { return self }
    var place = self
    place.v2 = v2
    place.v2AsOfNs = time
    return place
  }

  /// The cgroups at birth of a task that this ATTACH concerns.
  init(_ attach: nst_attach, inheriting place: Self) {
    self = place
    (v2AsOfNs, v1AsOfNs) = (0, 0)
    self = seen(in: attach)
  }

  /// The cgroups after an ATTACH. One of a whole process states one hierarchy alone: in the others
  /// its threads may differ.
  func seen(in attach: nst_attach) -> Self {
    if attach.isOfProcess && attach.moved == 0 {
      return seen(in: attach.cgroup_id, at: attach.hdr.time_ns)
    }
    if attach.isOfProcess {
      return seen(inV1: attach.v1_cgroup_id, of: attach.moved, at: attach.hdr.time_ns)
    }
    return seen(in: attach.cgroup_id, at: attach.hdr.time_ns)
      .seen(inV1: attach.v1_cgroup_id, of: attach.hierarchy, at: attach.hdr.time_ns)
  }

  func seen(inV1 v1: UInt64, of hierarchy: UInt32, at time: UInt64) -> Self {
    guard time >= v1AsOfNs else { return self }
    var place = self
    place.v1 = v1
    place.hierarchy = hierarchy
    place.v1AsOfNs = time
    return place
  }
}
