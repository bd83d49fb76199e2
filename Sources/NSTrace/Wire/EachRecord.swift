// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// A handler with one method for all records: for consumers that need few kinds, or treat all
/// alike.
///
/// Each record is copied, with its texts. A consumer that has to keep up with a kernel implements
/// the methods of `EventHandler`, which get structs and texts without a copy.
package protocol EachRecord: EventHandler, ~Copyable {
  mutating func observe(_ record: RawRecord)
}

extension EachRecord where Self: ~Copyable {
  package mutating func fork(_ event: nst_fork) { observe(.fork(event)) }

  package mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    observe(.exit(event, subject))
  }

  package mutating func task(_ event: nst_task, exe: RawSpan) {
    observe(.task(event, exe: [UInt8](exe)))
  }

  package mutating func clone(_ event: nst_clone, proctitle: RawSpan) {
    observe(.clone(event, proctitle: [UInt8](proctitle)))
  }

  package mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    observe(.switchNamespaces(event, proctitle: [UInt8](proctitle)))
  }

  package mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    observe(.exec(event, exe: [UInt8](exe), proctitle: [UInt8](proctitle)))
  }

  package mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    observe(.cgroup(event, path: [UInt8](path)))
  }

  package mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    observe(.cgroupIn(event, name: [UInt8](name)))
  }

  package mutating func attach(_ event: nst_attach) { observe(.attach(event)) }
  package mutating func freed(_ event: nst_freed) { observe(.freed(event)) }
  package mutating func pinned(_ event: nst_pinned) { observe(.pinned(event)) }
  package mutating func users(_ event: nst_users) { observe(.users(event)) }
  package mutating func confined(_ event: nst_confined) { observe(.confined(event)) }

  package mutating func host(
    _ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan
  ) {
    observe(
      .host(
        event, release: [UInt8](release), hostname: [UInt8](hostname), version: [UInt8](version)))
  }

  package mutating func clock(_ event: nst_clock) { observe(.clock(event)) }
  package mutating func snapshotBegin(_ event: nst_snapshot) { observe(.snapshotBegin(event)) }
  package mutating func snapshotEnd(_ event: nst_snapshot) { observe(.snapshotEnd(event)) }
  package mutating func lost(_ event: nst_lost) { observe(.lost(event)) }
  package mutating func suppressed(_ event: nst_suppressed) { observe(.suppressed(event)) }
  package mutating func member(_ event: nst_member) { observe(.member(event)) }

  package mutating func register(_ event: nst_register, name: RawSpan) {
    observe(.register(event, name: [UInt8](name)))
  }

  package mutating func kept(_ event: nst_kept, name: RawSpan) {
    observe(.kept(event, name: [UInt8](name)))
  }

  package mutating func keptSession(_ event: nst_kept_session, exe: RawSpan) {
    observe(.keptSession(event, exe: [UInt8](exe)))
  }

  package mutating func inside(_ event: nst_inside) { observe(.inside(event)) }

  package mutating func stain(_ event: nst_stain) { observe(.stain(event)) }

  package mutating func audit(_ event: nst_audit, text: RawSpan) {
    observe(.audit(event, text: [UInt8](text)))
  }

  package mutating func auditLost(_ event: nst_audit_lost) { observe(.auditLost(event)) }

  package mutating func unknown(_ header: nst_header) { observe(.unknown(header)) }
}
