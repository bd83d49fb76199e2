// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
@testable internal import NSTrace

/// Makes records of any bytes. The kind in a header stays, the size becomes what that kind and its texts
/// need, and missing bytes at the end are 0. A valid record does not change.
struct StreamMender {
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> [UInt8]? {
    guard offset < bytes.count else { return nil }
    let header: nst_header = load(MemoryLayout<nst_header>.size)
    let size = min((fixed(header) + texts(header) + 7) / 8 * 8, Int(NST_RECORD_BYTES_MAX))
    var record = Array(bytes[offset..<min(offset + size, bytes.count)])
    record += repeatElement(0, count: size - record.count)
    record.withUnsafeMutableBytes {
      $0.storeBytes(of: UInt32(size), toByteOffset: 4, as: UInt32.self)
    }
    offset += size
    return record
  }

  private func load<Record: BitwiseCopyable>(_ size: Int) -> Record {
    var record = Array(bytes[offset..<min(offset + size, bytes.count)])
    record += repeatElement(0, count: size - record.count)
    return record.withUnsafeBytes { $0.loadUnaligned(as: Record.self) }
  }

  private func fixed(_ header: nst_header) -> Int {
    switch nst_kind(rawValue: header.kind) {
    case NST_KIND_FORK: MemoryLayout<nst_fork>.size
    case NST_KIND_EXIT: MemoryLayout<nst_exit>.size + subject(header)
    case NST_KIND_TASK: MemoryLayout<nst_task>.size
    case NST_KIND_CLONE: MemoryLayout<nst_clone>.size
    case NST_KIND_SWITCH: MemoryLayout<nst_switch>.size
    case NST_KIND_EXEC: MemoryLayout<nst_exec>.size
    case NST_KIND_CGROUP: MemoryLayout<nst_cgroup>.size
    case NST_KIND_CGROUP_IN: MemoryLayout<nst_cgroup_in>.size
    case NST_KIND_ATTACH: MemoryLayout<nst_attach>.size
    case NST_KIND_FREED: MemoryLayout<nst_freed>.size
    case NST_KIND_PINNED: MemoryLayout<nst_pinned>.size
    case NST_KIND_USERS: MemoryLayout<nst_users>.size
    case NST_KIND_CONFINED: MemoryLayout<nst_confined>.size
    case NST_KIND_HOST: MemoryLayout<nst_host>.size
    case NST_KIND_CLOCK: MemoryLayout<nst_clock>.size
    case NST_KIND_SNAPSHOT_BEGIN, NST_KIND_SNAPSHOT_END: MemoryLayout<nst_snapshot>.size
    case NST_KIND_LOST: MemoryLayout<nst_lost>.size
    case NST_KIND_SUPPRESSED: MemoryLayout<nst_suppressed>.size
    case NST_KIND_REGISTER: MemoryLayout<nst_register>.size
    case NST_KIND_KEPT: MemoryLayout<nst_kept>.size
    case NST_KIND_KEPT_SESSION: MemoryLayout<nst_kept_session>.size
    case NST_KIND_INSIDE: MemoryLayout<nst_inside>.size
    case NST_KIND_STAIN: MemoryLayout<nst_stain>.size
    case NST_KIND_MEMBER: MemoryLayout<nst_member>.size
    default: MemoryLayout<nst_header>.size
    }
  }

  private func subject(_ header: nst_header) -> Int {
    header.flags & UInt16(NST_FLAG_SUBJECT) == 0 ? 0 : MemoryLayout<nst_subject>.size
  }

  private func texts(_ header: nst_header) -> Int {
    switch nst_kind(rawValue: header.kind) {
    case NST_KIND_TASK:
      let event: nst_task = load(MemoryLayout<nst_task>.size)
      return Int(event.exe_bytes)
    case NST_KIND_CLONE:
      let event: nst_clone = load(MemoryLayout<nst_clone>.size)
      return Int(event.call.proctitle_bytes)
    case NST_KIND_SWITCH:
      let event: nst_switch = load(MemoryLayout<nst_switch>.size)
      return Int(event.call.proctitle_bytes)
    case NST_KIND_EXEC:
      let event: nst_exec = load(MemoryLayout<nst_exec>.size)
      return Int(event.exe_bytes) + Int(event.call.proctitle_bytes)
    case NST_KIND_CGROUP:
      let event: nst_cgroup = load(MemoryLayout<nst_cgroup>.size)
      return Int(event.path_bytes)
    case NST_KIND_CGROUP_IN:
      let event: nst_cgroup_in = load(MemoryLayout<nst_cgroup_in>.size)
      return Int(event.name_bytes)
    case NST_KIND_HOST:
      let event: nst_host = load(MemoryLayout<nst_host>.size)
      return Int(event.release_bytes) + Int(event.hostname_bytes) + Int(event.version_bytes)
    case NST_KIND_REGISTER:
      let event: nst_register = load(MemoryLayout<nst_register>.size)
      return Int(event.name_bytes)
    case NST_KIND_KEPT:
      let event: nst_kept = load(MemoryLayout<nst_kept>.size)
      return Int(event.name_bytes)
    case NST_KIND_KEPT_SESSION:
      let event: nst_kept_session = load(MemoryLayout<nst_kept_session>.size)
      return Int(event.exe_bytes)
    default: return 0
    }
  }
}
