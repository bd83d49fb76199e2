// SPDX-License-Identifier: Apache-2.0

import CBPF
import Testing

@testable import NSTrace

/// Every record, and every field of it, as audit's readers read it.
@Suite(.enabled(if: ReaderLog.isReadable, "laurel, auditd or python3-audit is not installed"))
struct ReaderTests {
  /// Of every type. Where a number's digits could be hexadecimal they are of an even count, which is
  /// what laurel decodes: 42, 4711, 4026531838; and there are more than nine container IDs.
  private static let events = {
    var events = SampleEvents.all + [lost, inTenContainers]
    for index in events.indices { events[index].serial = UInt64(index + 1) }
    return events
  }()

  private static let lost = AuditEvent.make(
    subject: nil, exe: [], proctitle: [],
    lost: LostRecord(
      count: 42, kind: NST_KIND_FORK.rawValue, sinceNs: AuditEvent.sampleTimeNs, resynced: false))

  private static let inTenContainers = {
    let records = (10..<20).map { id in
      var record = NamespaceRecord.changed()
      record.containers = ContainerList([.init(ContainerID(high: 0, low: UInt64(id)))])
      record.session = 10
      record.setHash = NamespaceHash([.newNet])
      return record
    }
    var event = AuditEvent.make(call: .make(NST_OP_SETNS), records)
    event.actorContainers = records[0].containers
    return event
  }()

  @Test func `every type is among them, and every field that nstrace has`() throws {
    let written = try ReaderLog(Self.events).written
    let types = RecordType.allCases.map { type in
      type.offset.map { "UNKNOWN[\(RecordType.defaultBase + $0)]" } ?? "\(type.name)"
    }
    #expect(Set(written.map(\.type)) == Set(types))
    let fields = Set(written.flatMap(\.values.keys))
    #expect(
      fields.isSuperset(of: [
        "op", "nstype", "dev", "ino", "old-dev", "old-ino", "nsid", "old-nsid", "opid", "contid",
        "cses", "nshash", "ns-contid", "pinned", "res", "mntns", "utsns", "ipcns", "pidns",
        "pidns-children", "userns", "netns", "cgroupns", "timens", "timens-children", "nnp",
        "seccomp", "cgroup", "old-contid", "name", "record", "lost", "kind", "since", "resynced",
        "cause", "old-nnp", "old-seccomp", "errno",
      ]))
  }

  @Test func `laurel reads what was written`() throws {
    let log = try ReaderLog(Self.events)
    let differing = ReadRecord.differing(try log.laurel(), log.written)
    #expect(differing == [])
  }

  @Test func `auparse reads what was written`() throws {
    let log = try ReaderLog(Self.events)
    let written = log.written.map { record in
      var record = record
      // Its interpretation of a command line has spaces.
      record.values["proctitle"]?.replace("\0", with: " ")
      return record
    }
    let differing = ReadRecord.differing(try log.auparse(), written)
    #expect(differing == [])
  }

  @Test func `ausearch interprets no number of ours as anything else`() throws {
    let log = try ReaderLog(Self.events)
    let numbers = log.linesInReverse.map { line in
      line.matches(of: #/ ([a-z-]+)=("[0-9a-f^,-]+")(?= |$)/#).map { "\($0.1)=\($0.2)" }
    }
    let interpreted = try log.ausearch(["-i"]).split(separator: "\n").filter { $0 != "----" }
    try #require(interpreted.count == numbers.count)
    let wrong = zip(interpreted, numbers).filter { line, numbers in
      !numbers.allSatisfy { line.contains(" \($0) ") }
    }
    #expect(wrong.map(\.0) == [])
    #expect(numbers.joined().count > 100)
  }
}
