// SPDX-License-Identifier: Apache-2.0

import CNSWire
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
        "cause", "old-nnp", "old-seccomp", "errno", "how", "late", "rel",
      ]))
  }

  @Test func `laurel reads what was written`() throws {
    let log = try ReaderLog(Self.events)
    let differing = ReadRecord.differing(try log.laurel(), log.written)
    #expect(differing == [])
  }

  @Test func `auparse reads what was written`() throws {
    let log = try ReaderLog(Self.events)
    let differing = ReadRecord.differing(try log.auparse(), log.writtenForAuparse)
    #expect(differing == [])
  }

  /// One sentence each: who, what, which, with what program.
  @Test func `ausearch says of every event what happened`() throws {
    let log = try ReaderLog(Self.events)
    let sentences = try log.ausearch(["--format", "text"]).split(separator: "\n")
    let events = Set(log.written.map(\.serial))
    #expect(sentences.count == events.count)
    #expect(sentences.allSatisfy { !$0.contains("(null)") && !$0.contains("did-unknown") })
    let whole = Set(sentences.map { $0.replacing(#/ [^ ]+, acting as/#, with: " N, acting as") })
    for (what, how) in [
      ("create-net:[4026532281]", "/usr/bin/unshare"),
      ("destroy-mnt:[4026532282]/destroy-net:[4026532281]", "/usr/bin/unshare"),
      ("drop-42", "/usr/bin/unshare"),
    ] {
      #expect(
        whole.contains(
          "At 23:08:55 11/21/26 N, acting as root, successfully triggered-audit-rule "
            + "nstrace/\(what) using \(how)"))
    }
    #expect(
      whole.contains(
        "At 23:08:55 11/21/26 system successfully triggered-audit-rule nstrace/lost-5-fork using ?")
    )
  }

  @Test func `a csv has a whole line for every event`() throws {
    let log = try ReaderLog(Self.events)
    let lines = try log.ausearch(["--format", "csv"]).split(separator: "\n")
    #expect(lines.count == 1 + Set(log.written.map(\.serial)).count)
    let columns = lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }
    #expect(Set(columns) == [16])
    #expect(
      lines.dropFirst().allSatisfy { !$0.contains(",did-unknown,") && !$0.contains("(null)") })
  }

  @Test(arguments: [["-e"], ["-e", "--summary"], ["-s"], ["-k"], ["-x"], ["-p"], ["-u"], []])
  func `aureport reports all of it`(options: [String]) throws {
    let log = try ReaderLog(Self.events)
    let report = try log.aureport(options)
    #expect(!report.contains("(null)"))
    let events = Set(log.written.map(\.serial)).count
    if options == ["-e"] {
      #expect(report.contains("\n\(events). "))
      #expect(!report.contains("\n\(events + 1). "))
    }
  }

  @Test func `a namespace is found by its name in proc, by its end too`() throws {
    let log = try ReaderLog(Self.events)
    for arguments in [["-k", "mnt:[4026532282]"], ["-p", "4242", "-m", "1392"]] {
      let found = try log.ausearch(arguments + ["--raw"]).split(separator: "\n")
      #expect(found.count == 3)
      #expect(found.dropFirst().allSatisfy { $0.hasPrefix("type=UNKNOWN[1392] ") })
    }
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
