// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// What user space itself reports.
extension RecordEncoder {
  /// Appends LOST records, more than one where the count does not fit.
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

  /// Appends a cgroup that a walk has found.
  mutating func append(_ cgroup: CgroupWalk.Found, at time: UInt64) {
    // As the kernel side has it: a path of as many bytes may be one that was cut.
    let fits = cgroup.path.count < Int(NST_PATH_BYTES) - 1
    if fits { appendPath(of: cgroup, at: time) } else { appendName(of: cgroup, at: time) }
  }

  private mutating func appendPath(of cgroup: CgroupWalk.Found, at time: UInt64) {
    var record = nst_cgroup()
    record.hdr.time_ns = time
    record.id = cgroup.id
    record.hierarchy = cgroup.hierarchy
    record.path_bytes = UInt16(cgroup.path.count)
    append(record, tail: cgroup.path)
  }

  /// Its parent was found before.
  private mutating func appendName(of cgroup: CgroupWalk.Found, at time: UInt64) {
    var record = nst_cgroup_in()
    record.hdr.time_ns = time
    record.id = cgroup.id
    record.parent_id = cgroup.parentID
    record.hierarchy = cgroup.hierarchy
    record.name_bytes = UInt16(cgroup.name.count)
    append(record, tail: Array(cgroup.name))
  }
}
