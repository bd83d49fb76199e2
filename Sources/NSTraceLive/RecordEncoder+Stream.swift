// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// The records that user space adds to the stream.
extension RecordEncoder {
  /// Appends a loss: several LOST records if the count does not fit into one.
  mutating func append(_ loss: RecordLoss, at time: UInt64) {
    var rest = loss.count
    while rest > 0 {
      var record = nst_lost()
      record.hdr.time_ns = time
      record.since_ns = loss.sinceNs
      record.count = UInt32(clamping: rest)
      record.kind = loss.kind
      record.flags = loss.flags
      append(record)
      rest -= UInt64(record.count)
    }
  }

  /// Appends what a share made beyond its rate: several SUPPRESSED records if the count does not fit
  /// into one.
  mutating func append(_ held: nst_held, at time: UInt64) {
    var rest = held.count
    while rest > 0 {
      var record = nst_suppressed()
      record.hdr.time_ns = time
      record.since_ns = held.since_ns
      record.cgroup_id = held.cgroup_id
      record.uid = held.uid
      record.count = UInt32(clamping: rest)
      record.kind = held.kind
      append(record)
      rest -= UInt64(record.count)
    }
  }

  /// Appends a cgroup that a walk has found, as CGROUP or CGROUP_IN.
  mutating func append(_ cgroup: CgroupWalk.Found, at time: UInt64) {
    // As on the kernel side: a path of just so many bytes may have been cut.
    let fits = cgroup.path.count < Int(NST_PATH_BYTES) - 1
    if fits { appendPath(of: cgroup, at: time) } else { appendName(of: cgroup, at: time) }
  }

  private mutating func appendPath(of cgroup: CgroupWalk.Found, at time: UInt64) {
    var record = nst_cgroup()
    record.hdr.time_ns = time
    record.id = cgroup.id
    record.hierarchy = cgroup.hierarchy
    record.path_bytes = UInt16(cgroup.path.count)
    record.delegated = cgroup.delegated
    append(record, tail: cgroup.path)
  }

  /// Appends CGROUP_IN; the walk has found the parent before.
  private mutating func appendName(of cgroup: CgroupWalk.Found, at time: UInt64) {
    var record = nst_cgroup_in()
    record.hdr.time_ns = time
    record.id = cgroup.id
    record.parent_id = cgroup.parentID
    record.hierarchy = cgroup.hierarchy
    record.name_bytes = UInt16(cgroup.name.count)
    record.delegated = cgroup.delegated
    append(record, tail: Array(cgroup.name))
  }
}
