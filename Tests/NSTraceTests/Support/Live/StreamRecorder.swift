// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// Keeps decoded records as they are.
struct StreamRecorder: EventHandler {
  var events: [StreamEvent] = []

  mutating func fork(_ event: nst_fork) { events.append(.fork(event)) }
  mutating func exit(_ event: nst_exit, subject: nst_subject?) {
    events.append(.exit(event, subject))
  }
  mutating func task(_ event: nst_task, exe: RawSpan) {
    events.append(.task(event, exe: [UInt8](exe)))
  }
  mutating func clone(_ event: nst_clone, proctitle: RawSpan) { events.append(.clone(event)) }
  mutating func switchNamespaces(_ event: nst_switch, proctitle: RawSpan) {
    events.append(.switchNamespaces(event))
  }
  mutating func exec(_ event: nst_exec, exe: RawSpan, proctitle: RawSpan) {
    events.append(.exec(event, exe: [UInt8](exe)))
  }
  mutating func cgroup(_ event: nst_cgroup, path: RawSpan) {
    events.append(.cgroup(event, path: [UInt8](path)))
  }
  mutating func cgroup(_ event: nst_cgroup_in, name: RawSpan) {
    events.append(.cgroupIn(event, name: [UInt8](name)))
  }
  mutating func attach(_ event: nst_attach) { events.append(.attach(event)) }
  mutating func freed(_ event: nst_freed) { events.append(.freed(event)) }
  mutating func pinned(_ event: nst_pinned) { events.append(.pinned(event)) }
  mutating func users(_ event: nst_users) { events.append(.users(event)) }
  mutating func confined(_ event: nst_confined) { events.append(.confined(event)) }
  mutating func host(_ event: nst_host, release: RawSpan, hostname: RawSpan, version: RawSpan) {
    events.append(.host(event))
  }
  mutating func clock(_ event: nst_clock) { events.append(.clock(event)) }
  mutating func snapshotBegin(_ event: nst_snapshot) { events.append(.snapshotBegin(event)) }
  mutating func snapshotEnd(_ event: nst_snapshot) { events.append(.snapshotEnd(event)) }
  mutating func lost(_ event: nst_lost) { events.append(.lost(event)) }
  mutating func member(_ event: nst_member) { events.append(.member(event)) }
  mutating func register(_ event: nst_register, name: RawSpan) {
    events.append(.register(event, name: [UInt8](name)))
  }
  mutating func unknown(_ header: nst_header) { events.append(.unknown(header)) }
}
