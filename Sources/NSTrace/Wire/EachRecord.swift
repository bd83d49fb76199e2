// SPDX-License-Identifier: Apache-2.0

public import CNSWire

/// A handler that gets each record by one method: for whom only few kinds count, or all in the same way.
///
/// Each record is copied for it, with its texts. What has to keep up with a kernel takes the methods of
/// `EventHandler`, which get structs and texts where they stand.
public protocol EachRecord: EventHandler, ~Copyable {
  mutating func observe(_ record: RawRecord)
}

extension EachRecord where Self: ~Copyable {
  public mutating func fork(_ event: nst_fork) { observe(.fork(event)) }

  public mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    observe(.exit(event, subject))
  }

  public mutating func task(_ event: nst_task, exe: RawSpan) {
    observe(.task(event, exe: [UInt8](exe)))
  }

  public mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    observe(.clone(event, proctitle: [UInt8](proctitle)))
  }

  public mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    observe(.switchNamespaces(event, proctitle: [UInt8](proctitle)))
  }

  public mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    observe(.exec(event, exe: [UInt8](exe), proctitle: [UInt8](proctitle)))
  }

  public mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    observe(.cgroup(event, path: [UInt8](path)))
  }

  public mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    observe(.cgroupIn(event, name: [UInt8](name)))
  }

  public mutating func attach(_ event: nst_attach) { observe(.attach(event)) }
  public mutating func freed(_ event: nst_freed) { observe(.freed(event)) }
  public mutating func pinned(_ event: nst_pinned) { observe(.pinned(event)) }
  public mutating func users(_ event: nst_users) { observe(.users(event)) }
  public mutating func confined(_ event: nst_confined) { observe(.confined(event)) }

  public mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    observe(
      .host(
        event, release: [UInt8](release), hostname: [UInt8](hostname), version: [UInt8](version)))
  }

  public mutating func clock(_ event: nst_clock) { observe(.clock(event)) }
  public mutating func snapshotBegin(_ event: nst_snapshot) { observe(.snapshotBegin(event)) }
  public mutating func snapshotEnd(_ event: nst_snapshot) { observe(.snapshotEnd(event)) }
  public mutating func lost(_ event: nst_lost) { observe(.lost(event)) }
  public mutating func member(_ event: nst_member) { observe(.member(event)) }

  public mutating func register(_ event: nst_register, name: RawSpan) {
    observe(.register(event, name: [UInt8](name)))
  }

  public mutating func unknown(_ header: nst_header) { observe(.unknown(header)) }
}
