// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension History.Step {
  /// A cgroup is made, found by a walk, or renamed. Behind the first `believed` components root
  /// has named none.
  static func cgroup(
    _ id: UInt64, _ path: String, hierarchy: UInt32 = 0, believed: UInt16? = nil
  ) -> Self {
    Self { run in
      var record = nst_cgroup()
      (record.id, record.hierarchy) = (id, hierarchy)
      record.delegated = believed.map { $0 + 1 } ?? 0
      record.path_bytes = UInt16(path.utf8.count)
      run.append(record, tail: Array(path.utf8))
    }
  }

  /// Many cgroups at once.
  static func cgroups(_ ids: Range<UInt64>, _ path: @escaping @Sendable (UInt64) -> String) -> Self
  {
    Self { run in for id in ids { Self.cgroup(id, path(id)).put(&run) } }
  }

  /// A cgroup whose path is too long: its name and its parent (CGROUP_IN).
  static func cgroup(
    _ id: UInt64, _ name: String, in parent: UInt64, believed: UInt16? = nil
  ) -> Self {
    Self { run in
      var record = nst_cgroup_in()
      record.delegated = believed.map { $0 + 1 } ?? 0
      (record.id, record.parent_id) = (id, parent)
      record.name_bytes = UInt16(name.utf8.count)
      run.append(record, tail: Array(name.utf8))
    }
  }

  static func removed(_ id: UInt64, hierarchy: UInt32 = 0) -> Self {
    Self { run in
      var record = nst_cgroup()
      record.hdr.flags = UInt16(NST_FLAG_REMOVED)
      (record.id, record.hierarchy) = (id, hierarchy)
      run.append(record)
    }
  }

  /// A task is moved to a cgroup of v2, with its cgroup of v1 in the record (0: there is no v1).
  static func attach(_ tid: UInt32, _ id: UInt64, v1: UInt64 = 0, by actor: UInt32? = nil) -> Self {
    Self { run in
      run.change(tid) { $0.cgroup = id }
      var record = nst_attach()
      record.subject = run.subject(actor ?? tid)
      record.task = run.id(tid)
      record.cgroup_id = id
      (record.v1_cgroup_id, record.hierarchy) = (v1, v1 == 0 ? 0 : 4)
      run.append(record)
    }
  }

  /// Moves all threads of the process in v2 or, with `v1`, in that hierarchy alone.
  static func attachProcess(_ tid: UInt32, _ id: UInt64, v1: UInt64 = 0) -> Self {
    Self { run in
      if v1 == 0 { run.change(tid) { $0.cgroup = id } }
      var record = nst_attach()
      record.hdr.flags = UInt16(NST_FLAG_PROCESS)
      record.subject = run.subject(tid)
      record.task = run.id(tid)
      record.cgroup_id = id
      (record.v1_cgroup_id, record.hierarchy) = (v1, v1 == 0 ? 0 : 4)
      record.moved = record.hierarchy
      run.append(record)
    }
  }

  /// A birth into another cgroup than the parent's. The ATTACH comes before the birth.
  static func into(_ id: UInt64, _ parent: UInt32, _ child: UInt32, _ birth: Self) -> Self {
    Self { run in
      run.change(child, start: run.time, tgid: child) { _ in }
      Self.at(run.time - 1, Self.attach(child, id, by: parent)).put(&run)
      birth.put(&run)
      run.change(child) { $0.cgroup = id }
    }
  }

  /// Moves the task to another cgroup, without a record.
  static func slip(_ tid: UInt32, to id: UInt64) -> Self {
    Self { $0.change(tid) { $0.cgroup = id } }
  }

  /// A task of a snapshot whose cgroup of v1 is not the root, with the ATTACH behind it.
  static func seenInV1(_ tid: UInt32, _ id: UInt64) -> Self {
    Self { run in
      run.appendTask(tid, flags: UInt16(NST_FLAG_CGROUP_V1))
      Self.attach(tid, run.task(tid).cgroup, v1: id).put(&run)
    }
  }
}

extension History {
  /// The path that `cgroup=` prints for a task.
  func cgroup(of tid: UInt32) -> String? {
    state.taskSummaries.first { $0.tid == tid }
      .map { String(decoding: $0.cgroup.visible, as: UTF8.self) }
  }
}
