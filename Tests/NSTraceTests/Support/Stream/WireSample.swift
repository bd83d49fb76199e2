// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

/// One record of each kind in which every byte of the struct differs from its neighbours: its bytes
/// on the wire, and what a handler must receive. Built here without the encoder.
struct WireSample: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The record on the wire.
  let bytes: [UInt8]
  /// The size without the zeros of its padding.
  let bareBytes: Int
  let received: @Sendable () -> ReceivedRecord
  let encode: @Sendable (inout RecordEncoder) -> Void

  static let all: [WireSample] = [
    plain("fork", nst_fork.self),
    plain("exit", nst_exit.self),
    longExit,
    task, clone, switchSample, exec, cgroup, cgroupIn,
    plain("attach", nst_attach.self),
    plain("freed", nst_freed.self),
    plain("pinned", nst_pinned.self),
    plain("users", nst_users.self),
    plain("confined", nst_confined.self),
    host,
    plain("clock", nst_clock.self),
    plain("snapshot begin", nst_snapshot.self),
    plain("snapshot end", nst_snapshot.self, kind: NST_KIND_SNAPSHOT_END),
    plain("lost", nst_lost.self),
    plain("suppressed", nst_suppressed.self),
    plain("member", nst_member.self),
    register, kept, keptSession,
    plain("inside", nst_inside.self),
    plain("stain", nst_stain.self),
    audit, plain("audit lost", nst_audit_lost.self),
  ]

  static let exeText = Array("/usr/bin/unshare".utf8)
  static let proctitleText = Array("unshare\0--net".utf8)
  private static let pathText = Array("/system.slice/cron.service".utf8)
  private static let nameText = Array("a container".utf8)
  private static let auditText = Array("audit(1.000:7): pid=4".utf8)
  private static let hostTexts = ["6.18.0-test", "host.example", "0.1"].map { Array($0.utf8) }

  private static func plain<Record: WireRecord & BitwiseCopyable & Sendable>(
    _ name: String, _ type: Record.Type, kind: nst_kind = Record.wireKind
  ) -> WireSample {
    let record: Record = patterned()
    return WireSample(name, record, kind: kind, texts: []) { $0.append(record, kind: kind) }
  }

  private static var longExit: WireSample {
    let record: nst_exit = patterned()
    let subject = pattern(nst_subject())
    let tail = withUnsafeBytes(of: subject) { Array($0) }
    var long = record
    long.hdr.flags = UInt16(NST_FLAG_SUBJECT)
    return WireSample("exit with subject", long, subject: subject, tail: tail, texts: []) {
      $0.append(record, subject: subject)
    }
  }

  private static var task: WireSample {
    var record: nst_task = patterned()
    record.exe_bytes = UInt16(exeText.count)
    let sent = record
    return WireSample("task", record, texts: [exeText]) { $0.append(sent, exe: exeText) }
  }

  private static var clone: WireSample {
    var record: nst_clone = patterned()
    record.call.proctitle_bytes = UInt16(proctitleText.count)
    let sent = record
    return WireSample("clone", record, texts: [proctitleText]) {
      $0.append(sent, proctitle: proctitleText)
    }
  }

  private static var switchSample: WireSample {
    var record: nst_switch = patterned()
    record.call.proctitle_bytes = UInt16(proctitleText.count)
    let sent = record
    return WireSample("switch", record, texts: [proctitleText]) {
      $0.append(sent, proctitle: proctitleText)
    }
  }

  private static var exec: WireSample {
    var record: nst_exec = patterned()
    record.exe_bytes = UInt16(exeText.count)
    record.call.proctitle_bytes = UInt16(proctitleText.count)
    let sent = record
    return WireSample("exec", record, texts: [exeText, proctitleText]) {
      $0.append(sent, exe: exeText, proctitle: proctitleText)
    }
  }

  private static var cgroup: WireSample {
    var record: nst_cgroup = patterned()
    record.path_bytes = UInt16(pathText.count)
    let sent = record
    return WireSample("cgroup", record, texts: [pathText]) { $0.append(sent, tail: pathText) }
  }

  private static var audit: WireSample {
    var record: nst_audit = patterned()
    record.text_bytes = UInt16(auditText.count)
    let sent = record
    return WireSample("audit", record, texts: [auditText]) { $0.append(sent, tail: auditText) }
  }

  private static var cgroupIn: WireSample {
    var record: nst_cgroup_in = patterned()
    record.name_bytes = UInt16(nameText.count)
    let sent = record
    return WireSample("cgroup in", record, texts: [nameText]) { $0.append(sent, tail: nameText) }
  }

  private static var register: WireSample {
    var record: nst_register = patterned()
    record.name_bytes = UInt16(nameText.count)
    let sent = record
    return WireSample("register", record, texts: [nameText]) { $0.append(sent, tail: nameText) }
  }

  private static var kept: WireSample {
    var record: nst_kept = patterned()
    record.name_bytes = UInt16(nameText.count)
    let sent = record
    return WireSample("kept", record, texts: [nameText]) { $0.append(sent, tail: nameText) }
  }

  private static var keptSession: WireSample {
    var record: nst_kept_session = patterned()
    record.exe_bytes = UInt16(exeText.count)
    let sent = record
    return WireSample("kept session", record, texts: [exeText]) { $0.append(sent, tail: exeText) }
  }

  private static var host: WireSample {
    var record: nst_host = patterned()
    record.release_bytes = UInt16(hostTexts[0].count)
    record.hostname_bytes = UInt16(hostTexts[1].count)
    record.version_bytes = UInt16(hostTexts[2].count)
    let sent = record
    return WireSample("host", record, texts: hostTexts) {
      $0.append(sent, release: hostTexts[0], hostname: hostTexts[1], version: hostTexts[2])
    }
  }
}

extension WireSample {
  private init<Record: WireRecord & BitwiseCopyable & Sendable>(
    _ name: String, _ record: Record, kind: nst_kind = Record.wireKind,
    subject: nst_subject? = nil, tail: [UInt8]? = nil, texts: [[UInt8]],
    encode: @escaping @Sendable (inout RecordEncoder) -> Void
  ) {
    let tail = tail ?? texts.flatMap { $0 }
    let bare = MemoryLayout<Record>.size + tail.count
    var whole = record
    whole.hdr.kind = kind.rawValue
    whole.hdr.size = UInt32((bare + 7) / 8 * 8)
    let onWire = whole
    testDescription = name
    bareBytes = bare
    bytes =
      withUnsafeBytes(of: onWire) { Array($0) } + tail
      + [UInt8](repeating: 0, count: (8 - bare % 8) % 8)
    received = { ReceivedRecord(onWire.hdr, onWire, subject: subject, texts: texts) }
    self.encode = encode
  }

  private static func patterned<Record: WireRecord & BitwiseCopyable>() -> Record {
    var record = pattern(Record())
    record.hdr = nst_header()
    record.hdr.time_ns = 0x0123_4567_89ab_cdef
    return record
  }

  /// 1, 8, 15, …: neighbouring bytes differ, and none of the first 256 repeats.
  private static func pattern<Record: BitwiseCopyable>(_ record: Record) -> Record {
    var record = record
    withUnsafeMutableBytes(of: &record) { bytes in
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: 7 * index + 1) }
    }
    return record
  }
}
