// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension RawRecord {
  /// The record's bytes.
  var bytes: [UInt8] {
    var encoder = RecordEncoder()
    switch self {
    case .host(let event, let release, let hostname, let version):
      encoder.append(event, release: release, hostname: hostname, version: version)
    case .fork(let event): encoder.append(event)
    case .exit(let event, let subject): encoder.append(event, subject: subject)
    case .task(var event, let exe):
      event.exe_bytes = UInt16(exe.count)
      encoder.append(event, tail: exe)
    case .clone(var event, let proctitle):
      event.call.proctitle_bytes = UInt16(proctitle.count)
      encoder.append(event, tail: proctitle)
    case .switchNamespaces(var event, let proctitle):
      event.call.proctitle_bytes = UInt16(proctitle.count)
      encoder.append(event, tail: proctitle)
    case .exec(var event, let exe, let proctitle):
      event.exe_bytes = UInt16(exe.count)
      event.call.proctitle_bytes = UInt16(proctitle.count)
      encoder.append(event, tail: exe + proctitle)
    case .cgroup(var event, let path):
      event.path_bytes = UInt16(path.count)
      encoder.append(event, tail: path)
    case .cgroupIn(var event, let name):
      event.name_bytes = UInt16(name.count)
      encoder.append(event, tail: name)
    case .attach(let event): encoder.append(event)
    case .freed(let event): encoder.append(event)
    case .pinned(let event): encoder.append(event)
    case .users(let event): encoder.append(event)
    case .confined(let event): encoder.append(event)
    case .clock(let event): encoder.append(event)
    case .snapshotBegin(let event): encoder.append(event)
    case .snapshotEnd(let event): encoder.append(event, kind: NST_KIND_SNAPSHOT_END)
    case .lost(let event): encoder.append(event)
    case .suppressed(let event): encoder.append(event)
    case .member(let event): encoder.append(event)
    case .register(var event, let name):
      event.name_bytes = UInt16(name.count)
      encoder.append(event, tail: name)
    case .kept(var event, let name):
      event.name_bytes = UInt16(name.count)
      encoder.append(event, tail: name)
    case .keptSession(var event, let exe):
      event.exe_bytes = UInt16(exe.count)
      encoder.append(event, tail: exe)
    case .inside(let event): encoder.append(event)
    case .stain(let event): encoder.append(event)
    case .audit(let event, let text):
      var event = event
      event.text_bytes = UInt16(text.count)
      encoder.append(event, tail: text)
    case .auditLost(let event): encoder.append(event)
    case .unknown(let header):
      encoder.append(
        nst_clock(hdr: header, realtime_offset_ns: 0), kind: nst_kind(rawValue: header.kind))
    }
    return encoder.bytes
  }
}
