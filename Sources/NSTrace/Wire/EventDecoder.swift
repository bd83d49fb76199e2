// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// Decodes the records of a batch and hands each to a handler.
package struct EventDecoder: Sendable {
  /// The number of decoded records.
  package private(set) var records: UInt64 = 0

  package init() {}

  /// Decodes the records of `batch`, which holds whole records only, up to one that the handler
  /// declines.
  ///
  /// Records before a damaged one have been handed over when this throws.
  /// - Returns: the bytes of the records that the handler has taken.
  /// - Throws: `WireError` with the offset of the first damaged record.
  @discardableResult
  package mutating func decode(
    _ batch: RawSpan, into handler: inout some EventHandler & ~Copyable
  ) throws(WireError) -> Int {
    var offset = 0
    var scout = RecordScout(batch, for: handler)
    while offset < batch.byteCount {
      scout.advance(in: batch, for: handler)
      let record = try RecordView(batch, at: offset)
      try record.deliver(from: batch, to: &handler)
      if handler.hasDeclined { break }
      count()
      offset = record.range.upperBound
    }
    return offset
  }
  mutating func count() { records &+= 1 }
}

/// One record's range in its batch, checked against the batch's end.
struct RecordView {
  let header: nst_header
  let range: Range<Int>
  init(_ batch: RawSpan, at offset: Int) throws(WireError) {
    let rest = batch.byteCount - offset
    guard rest >= MemoryLayout<nst_header>.size else {
      throw .badSize(size: UInt32(rest), offset: offset)
    }
    header = unsafe batch.unsafeLoadUnaligned(fromByteOffset: offset, as: nst_header.self)
    let size = Int(header.size)
    guard size >= MemoryLayout<nst_header>.size, size % 8 == 0, size <= rest,
      size <= Int(NST_RECORD_BYTES_MAX)
    else {
      throw .badSize(size: header.size, offset: offset)
    }
    range = offset..<offset + size
  }

  /// The one switch over kinds.
  @inline(__always)
  func deliver(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    // Most records are of these two kinds, which need no look-up.
    if header.kind == NST_KIND_FORK.rawValue { return handler.fork(try load(batch)) }
    if header.kind == NST_KIND_EXIT.rawValue { return try deliverExit(from: batch, to: &handler) }
    switch RecordKind(rawValue: header.kind) {
    case .fork, .exit: break
    case .task: try deliverTask(from: batch, to: &handler)
    case .clone: try deliverClone(from: batch, to: &handler)
    case .switchNamespaces: try deliverSwitch(from: batch, to: &handler)
    case .exec: try deliverExec(from: batch, to: &handler)
    case .cgroup: try deliverCgroup(from: batch, to: &handler)
    case .cgroupIn: try deliverCgroupIn(from: batch, to: &handler)
    case .attach: handler.attach(try load(batch))
    case .freed: handler.freed(try load(batch))
    case .pinned: handler.pinned(try load(batch))
    case .users: handler.users(try load(batch))
    case .confined: handler.confined(try load(batch))
    case .host: try deliverHost(from: batch, to: &handler)
    case .clock: handler.clock(try load(batch))
    case .snapshotBegin: handler.snapshotBegin(try load(batch))
    case .snapshotEnd: handler.snapshotEnd(try load(batch))
    case .lost: handler.lost(try load(batch))
    case .suppressed: handler.suppressed(try load(batch))
    case .member: handler.member(try load(batch))
    case .register: try deliverRegister(from: batch, to: &handler)
    case .kept: try deliverKept(from: batch, to: &handler)
    case .keptSession: try deliverKeptSession(from: batch, to: &handler)
    case .inside: handler.inside(try load(batch))
    case .stain: handler.stain(try load(batch))
    case .audit: try deliverAudit(from: batch, to: &handler)
    case .auditLost: handler.auditLost(try load(batch))
    case nil: handler.unknown(header)
    }
  }

  /// Loads the record's struct: the imported C struct is the Swift type.
  @inline(__always)
  func load<Record: BitwiseCopyable>(
    _ batch: RawSpan, at start: Int = 0
  ) throws(WireError) -> Record {
    guard range.count - start >= MemoryLayout<Record>.size else { throw tooShort }
    return unsafe batch.unsafeLoadUnaligned(
      fromByteOffset: range.lowerBound + start, as: Record.self)
  }
  var tooShort: WireError {
    .badRecord(kind: header.kind, offset: range.lowerBound)
  }

  /// The range in the batch of `bytes` bytes of text, `skip` bytes behind the end of a `Record`.
  func text<Record>(
    behind record: Record, skip: UInt16 = 0, bytes: UInt16
  ) throws(WireError) -> Range<Int> {
    let start = range.lowerBound + MemoryLayout<Record>.size + Int(skip)
    guard start + Int(bytes) <= range.upperBound else { throw tooShort }
    return start..<start + Int(bytes)
  }
}

extension RecordView {
  @inline(__always)
  func deliverExit(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_exit = try load(batch)
    var subject: nst_subject?
    if header.flags & UInt16(NST_FLAG_SUBJECT) != 0 {
      subject = try load(batch, at: MemoryLayout<nst_exit>.size) as nst_subject
    }
    handler.exit(event, subject: subject)
  }
  func deliverTask(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_task = try load(batch)
    let exe = try text(behind: event, bytes: event.exe_bytes)
    handler.task(event, exe: batch.extracting(exe))
  }
  func deliverClone(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_clone = try load(batch)
    let proctitle = try text(behind: event, bytes: event.call.proctitle_bytes)
    handler.clone(event, proctitle: batch.extracting(proctitle))
  }
  func deliverSwitch(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_switch = try load(batch)
    let proctitle = try text(behind: event, bytes: event.call.proctitle_bytes)
    handler.switchNamespaces(event, proctitle: batch.extracting(proctitle))
  }
  func deliverExec(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_exec = try load(batch)
    let exe = try text(behind: event, bytes: event.exe_bytes)
    let proctitle = try text(
      behind: event, skip: event.exe_bytes, bytes: event.call.proctitle_bytes)
    handler.exec(event, exe: batch.extracting(exe), proctitle: batch.extracting(proctitle))
  }
  func deliverCgroup(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_cgroup = try load(batch)
    let path = try text(behind: event, bytes: event.path_bytes)
    handler.cgroup(event, path: batch.extracting(path))
  }
  func deliverCgroupIn(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_cgroup_in = try load(batch)
    let name = try text(behind: event, bytes: event.name_bytes)
    handler.cgroup(event, name: batch.extracting(name))
  }
  func deliverRegister(
    from batch: RawSpan, to handler: inout some EventHandler & ~Copyable
  ) throws(WireError) {
    let event: nst_register = try load(batch)
    let name = try text(behind: event, bytes: event.name_bytes)
    handler.register(event, name: batch.extracting(name))
  }
  func deliverKept(
    from batch: RawSpan, to handler: inout some EventHandler & ~Copyable
  ) throws(WireError) {
    let event: nst_kept = try load(batch)
    let name = try text(behind: event, bytes: event.name_bytes)
    handler.kept(event, name: batch.extracting(name))
  }
  func deliverKeptSession(
    from batch: RawSpan, to handler: inout some EventHandler & ~Copyable
  ) throws(WireError) {
    let event: nst_kept_session = try load(batch)
    let exe = try text(behind: event, bytes: event.exe_bytes)
    handler.keptSession(event, exe: batch.extracting(exe))
  }
  func deliverAudit(
    from batch: RawSpan, to handler: inout some EventHandler & ~Copyable
  ) throws(WireError) {
    let event: nst_audit = try load(batch)
    let text = try text(behind: event, bytes: event.text_bytes)
    handler.audit(event, text: batch.extracting(text))
  }
  func deliverHost(from batch: RawSpan, to handler: inout some EventHandler & ~Copyable)
    throws(WireError)
  {
    let event: nst_host = try load(batch)
    let release = try text(behind: event, bytes: event.release_bytes)
    let hostname = try text(
      behind: event, skip: event.release_bytes, bytes: event.hostname_bytes)
    let (skip, overflow) = event.release_bytes.addingReportingOverflow(event.hostname_bytes)
    guard !overflow else { throw tooShort }
    let version = try text(behind: event, skip: skip, bytes: event.version_bytes)
    handler.host(
      event, release: batch.extracting(release), hostname: batch.extracting(hostname),
      version: batch.extracting(version))
  }
}
