// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import Glibc
@testable internal import NSTrace

/// The inputs that fuzzing begins with, made of the recorded fixtures and by hand, so that they hold
/// nothing of this machine.
enum Seeds {
  static func write(to directory: String, from dumps: [String]) throws {
    for (index, dump) in dumps.enumerated() {
      let beginning = try beginning(of: dump)
      var sink = try DumpSink(
        path: place(directory, "dump", "fixture-\(index)"), overwriting: true)
      for block in beginning { try sink.write(RecordBatch(block)) }
      try sink.finish()
      try put(directory, "wire", "fixture-\(index)", [0] + beginning.joined())
    }
    for (name, readers, pattern) in costly {
      for reader in readers {
        try put(directory, "cost", "\(name)-\(reader)", [reader] + pattern)
      }
    }
    for policy in 0..<ContainerPolicies.all.count {
      let choice = 0x30 | UInt8(policy) | UInt8(policy % 4) << 6
      try put(directory, "wire", "containers-\(policy)", [choice] + containers)
    }
  }

  /// libFuzzer makes little progress with long inputs.
  private static let limit = 5 << 10

  /// The first blocks of a dump, up to the limit.
  private static func beginning(of dump: String) throws -> [[UInt8]] {
    var source = DumpSource(try .reading(dump))
    var batch = RecordBatch()
    var (blocks, rest): ([[UInt8]], Int) = ([], limit)
    while rest > 0, try source.next(into: &batch) == .records {
      batch.withBytes { blocks.append(whole([UInt8]($0), limit: rest)) }
      rest -= max(blocks.last?.count ?? 0, 1)
    }
    return blocks.filter { !$0.isEmpty }
  }

  /// The first records of `block` that fit the limit.
  private static func whole(_ block: [UInt8], limit: Int) -> [UInt8] {
    var end = 0
    while end + 8 <= block.count {
      let next = end + Int(block.native(at: end + 4) as UInt32)
      if next > min(limit, block.count) { break }
      end = next
    }
    return Array(block[..<end])
  }

  private static func put(
    _ directory: String, _ target: String, _ name: String, _ bytes: [UInt8]
  ) throws {
    try FileDescriptor.creating(place(directory, target, name), overwriting: true).write(bytes)
  }

  private static func place(_ directory: String, _ target: String, _ name: String) -> String {
    mkdir(directory, 0o755)
    mkdir("\(directory)/\(target)", 0o755)
    return "\(directory)/\(target)/\(name)"
  }
}

// MARK: - Containers

extension Seeds {
  /// A stream in which task 9 registers task 2, task 4 enters from outside, and the container ends.
  static let containers: [UInt8] = {
    var encoder = RecordEncoder()
    var host = nst_host()
    host.initial = set()
    host.hooks = UInt32(NST_HOOK_FREED)
    encoder.append(host)
    encoder.append(nst_snapshot(hdr: header(1), tasks: 0))
    for tid in [1, 9] as [UInt32] { encoder.append(task(tid), tail: Array("/bin/\(tid)".utf8)) }
    encoder.append(nst_snapshot(hdr: header(2), tasks: 2), kind: NST_KIND_SNAPSHOT_END)
    encoder.append(clone(2, by: 1))
    encoder.append(nst_member(hdr: header(4), task: id(2), container: 0, flags: 4))
    encoder.append(registration(of: 2), tail: Array("web".utf8))
    encoder.append(nst_fork(hdr: header(6), child: id(3), parent_tid: 2, container: 1))
    encoder.append(nst_fork(hdr: header(7), child: id(4), parent_tid: 1, container: 0))
    encoder.append(entering(4))
    for tid in [2, 3, 4] as [UInt32] {
      encoder.append(nst_exit(hdr: header(10), task: id(tid)), subject: tid == 3 ? subject(3) : nil)
    }
    encoder.append(
      nst_pinned(hdr: header(11), id: 0, inum: 77, type: 0x0400_0000, answer: 0, pad: 0))
    encoder.append(
      nst_users(
        hdr: header(11), began_ns: 10, id: 0, inum: 77, type: 0x0400_0000, tasks: 0, pad: 0))
    encoder.append(nst_freed(hdr: header(12), inum: 77, pad: 0))
    return encoder.bytes
  }()

  static func header(_ time: UInt64) -> nst_header {
    nst_header(kind: 0, flags: 0, size: 0, time_ns: time)
  }

  static func id(_ tid: UInt32) -> nst_task_id {
    nst_task_id(start_ns: UInt64(tid), tid: tid, tgid: tid)
  }

  static func subject(_ tid: UInt32) -> nst_subject {
    var subject = nst_subject()
    subject.task = id(tid)
    subject.ppid = 1
    withUnsafeMutableBytes(of: &subject.comm) { $0.copyBytes(from: "name".utf8) }
    return subject
  }

  static func set(_ uts: UInt32 = 11) -> nst_set {
    var set = nst_set()
    for slot in NamespaceSlot.allCases {
      set[slot] = NamespaceID(kind: slot.kind, inum: UInt32(slot.kind.rawValue) + 10, nsid: 0)
    }
    set[.uts] = NamespaceID(kind: .uts, inum: uts, nsid: 0)
    return set
  }

  static func task(_ tid: UInt32) -> nst_task {
    var task = nst_task()
    (task.hdr, task.subject, task.set, task.exe_bytes) = (header(1), subject(tid), set(), 6)
    return task
  }

  static func clone(_ tid: UInt32, by parent: UInt32) -> nst_clone {
    var clone = nst_clone()
    (clone.hdr, clone.subject, clone.child, clone.set) = (
      header(3), subject(parent), id(tid), set(77)
    )
    (clone.call.op, clone.call.flags) = (1, 0x0400_0000)
    return clone
  }

  static func registration(of tid: UInt32) -> nst_register {
    var register = nst_register()
    (register.hdr, register.contid_low) = (header(5), 7)
    (register.caller_tid, register.target_tid, register.container) = (9, tid, 1)
    (register.members, register.flags, register.name_bytes) = (1, 1, 3)
    return register
  }

  static func entering(_ tid: UInt32) -> nst_switch {
    var event = nst_switch()
    (event.hdr, event.subject, event.set) = (header(8), subject(tid), set(77))
    event.call.op = 4
    return event
  }
}
