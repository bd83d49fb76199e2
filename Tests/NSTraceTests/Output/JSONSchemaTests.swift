// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// As root, as in CI, a missing python3-jsonschema is a failure and no reason to skip.
private let mustValidate =
  geteuid() == 0
  || FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/jsonschema")

/// `docs/records.schema.json` against what is written, by Debian's python3-jsonschema, which
/// `make test` installs.
@Suite(.enabled(if: mustValidate, "python3-jsonschema is not installed"))
struct JSONSchemaTests {
  private static let script = """
    import json, sys, jsonschema
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for line in sys.stdin:
        print("valid" if validator.is_valid(json.loads(line)) else "invalid")
    """

  /// Which of the lines are valid.
  private func validity(
    of lines: [String], by schema: String = "records.schema.json"
  ) throws -> [Bool] {
    let scratch = try ScratchDirectory()
    let input = scratch.file("lines")
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: input))
    let python = Process()
    let output = Pipe()
    python.executableURL = URL(filePath: "/usr/bin/python3")
    python.arguments = ["-I", "-c", Self.script, Self.path(of: schema)]
    python.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
    python.standardOutput = output
    try python.run()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    python.waitUntilExit()
    try #require(python.terminationStatus == 0, "python3, or the schema, failed")
    let words = String(decoding: answer, as: UTF8.self).split(separator: "\n")
    try #require(words.count == lines.count)
    return words.map { $0 == "valid" }
  }

  private static func path(of schema: String) -> String {
    Repository.path("docs/\(schema)")
  }

  private func lines(of events: [AuditEvent]) -> [String] {
    events.flatMap(JSONLinesFormat().lines)
  }

  @Test func `every sample is valid`() throws {
    let lines = lines(of: SampleEvents.all)
    let wrong = zip(lines, try validity(of: lines)).filter { !$0.1 }.map(\.0)
    #expect(wrong == [])
  }

  @Test func `every kind, operation and untrusted text is valid`() throws {
    let kinds = NamespaceKind.allCases.flatMap { kind in
      NSTrace.Operation.allCases.map { op in
        AuditEvent.make([
          op == .assign || op == .release
            ? .changed(to: NamespaceID(kind: kind, inum: 1, nsid: 2), by: op)
            : .created(NamespaceID(kind: kind, inum: 1, nsid: 2), by: op)
        ])
      }
    }
    let losses = [nil, 1, 2, 3, 4, 5, 6, 7, 8, 9, 71, 79, 99].map { kind in
      AuditEvent.make(
        subject: nil, lost: LostRecord(count: 1, kind: kind, sinceNs: 0, resynced: false))
    }
    let texts = UntrustedTextTests.texts.map {
      AuditEvent.make(
        call: .make(), subject: .make(comm: $0), exe: $0, proctitle: $0, [.changed()])
    }
    let causes: [LostRecord.Cause] = [.stdout, .log, .route, .audit, .backlog]
    let outputs = causes.map(SampleEvents.missing)
    let lines = lines(
      of: kinds + losses + outputs + texts + [
        SampleEvents.referring, SampleEvents.stained, SampleEvents.tagged,
      ])
    let wrong = zip(lines, try validity(of: lines)).filter { !$0.1 }.map(\.0)
    #expect(wrong == [])
  }

  private static let kernelEvents = [
    KernelEvent.executed, .login,
    .make((1305, "a=1"), mentions: [.inside("7", by: 3)]),
    .make((1324, "mark=0x0"), isKnown: false), .make((1423, "")),
    .make((1400, "avc:  denied  { read } for  a=1 a=2 key=610162 msg=1 msg='x msg=2 msg=3'")),
  ]

  @Test func `each event of the kernel's audit is valid, whatever its text is`() throws {
    let texts = UntrustedTextTests.texts.flatMap { text in
      [Array("comm=".utf8) + text, Array("msg='".utf8) + text, text].map { bytes in
        var event = KernelEvent.make()
        event.append(1112, bytes)
        return event
      }
    }
    let lines = (Self.kernelEvents + texts).flatMap { JSONLinesFormat().lines(of: $0) }
    #expect(lines.count > 1000)
    let wrong = zip(lines, try validity(of: lines)).filter { !$0.1 }.map(\.0)
    #expect(wrong == [])
  }

  @Test func `a record of the kernel's audit that is none is invalid`() throws {
    let lines = Self.kernelEvents.flatMap { JSONLinesFormat().lines(of: $0) }
    let bad = lines.flatMap { line in
      [
        line.replacing("\"source\":\"kernel\"", with: "\"source\":\"nstrace\""),
        line.replacing(".030000000Z", with: ".030000001Z"),
        line.replacing("\"serial\"", with: "\"number\""),
        line.replacing("\"type\":\"", with: "\"type\":\"n"),
      ]
    }
    let others = [
      lines[0].replacing("\"59\"", with: "59"), lines[0].replacing(",\"fields\":", with: ",\"a\":"),
      lines[0].replacing("\"contid\":[\"42\"],", with: ""),
      lines[0].replacing("\"source\":\"kernel\",", with: ""),
      lines[2].replacing("member", with: "inside"),
      lines[3].replacing("\"cses\":3,", with: ""), lines[2].replacing("[\"42\"]", with: "[]"),
    ]
    #expect(Set(bad + others).isDisjoint(with: lines), "each must be changed")
    let passed = zip(bad + others, try validity(of: bad + others)).filter(\.1).map(\.0)
    #expect(passed == [])
  }

  /// Otherwise a schema that lets everything pass would pass.
  @Test func `a field more, or one of the necessary fewer, is invalid`() throws {
    let optional: Set = [
      "tty", "exe", "dev", "old_dev", "old_ino", "nsid", "old_nsid", "pid", "uid", "auid", "ses",
      "comm", "nstype", "name", "cses", "nshash", "cgroup", "cgroup_cut", "exe_deleted", "exe_cut",
      "cause", "contid_src", "late",
    ]
    var bad: [String] = []
    for line in lines(of: SampleEvents.all) {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      bad.append(try json(object.merging(["extra": 1]) { $1 }))
      bad.append(try json(object.merging(["exe_deleted": false]) { $1 }))
      bad.append(try json(object.merging(["contid_src": "host"]) { $1 }))
      for key in object.keys where !optional.contains(key) {
        // A subject in no container has none.
        if key == "record", object["type"] as? String == "SYSCALL" { continue }
        // An end that a tracer saw has none.
        if key == "since", object["op"] as? String == "end" { continue }
        bad.append(try json(object.filter { $0.key != key }))
      }
    }
    #expect(bad.count > 200)
    let passed = zip(bad, try validity(of: bad)).filter(\.1).map(\.0)
    #expect(passed == [])
  }

  @Test func `what is told of containers is valid, and nothing else`() throws {
    let run = History(
      under: NestedPolicy(), .host, .snapshot(1, 9), .clone(1, 2, [.net: 101], nsid: 7),
      .register(2, "5", RegistrationFacts(name: "a\u{1b}\"")), .fork(2, 3), .register(3, "6"),
      .exec(3, exe: "/bin/cat"), .fork(1, 4), .setns(4, [.net: 101], nsid: 7))
    let listed = ContainerListing(run.state, run.context(), as: .json).lines
    let tree = ContainerTreeListing(run.state, run.context(isUnsure: true), as: .json).lines
    let lines = (listed + tree).map { String($0.dropLast()) }
    #expect(lines.count == 7)
    #expect(try validity(of: lines, by: "containers.schema.json") == lines.map { _ in true })
    let bad = [
      lines[0].replacing("container", with: "pod"), lines[0].replacing("\"5\"", with: "\"-1\""),
      lines[0].replacing("\"host\":true", with: "\"host\":false"),
      lines[0].replacing("\"host\":false", with: "\"host\":true"),
      lines[0].replacing("running", with: "stopped"), lines[3].replacing("\"depth\":0,", with: ""),
      lines[6].replacing("\"contid\":[]", with: "\"contid\":[\"5\"]"),
    ]
    #expect(Set(bad).isDisjoint(with: lines), "each must be changed")
    #expect(try validity(of: bad, by: "containers.schema.json") == bad.map { _ in false })
  }

  @Test func `what is told of sessions is valid, and nothing else`() throws {
    var log = SessionLog(SessionLog.Limits(sessions: 1, events: 1, bytes: 1 << 20))
    for event in [SampleEvents.enteredInSession, SampleEvents.leftSession] { log.write(event) }
    for session in [4, 5] as [UInt32] {
      var event = SampleEvents.foundInside
      event.sessions[0].names = [[], Array("web".utf8)]
      event.sessions[0].visit.session = session
      event.visits = [event.sessions[0].visit]
      log.write(event)
      if session == 4 { continue }
      event.sessions[0].verb = .end
      log.write(event)
    }
    let lines = SessionListing(log, as: .json, showsRecords: false).lines.map {
      String($0.dropLast())
    }
    let records = SessionListing(log, as: .json, showsRecords: true).lines.filter {
      $0.contains("events_left_out")
    }.map { String($0.dropLast()) }
    #expect(lines.count == 3 && records.count == 1)
    let all = lines + records
    #expect(try validity(of: all, by: "sessions.schema.json") == all.map { _ in true })
    let bad = [
      lines[0].replacing("\"cses\":4", with: "\"cses\":0"),
      lines[0].replacing("resync:", with: "fork:"),
      lines[0].replacing("\"late\":true,", with: "\"late\":false,"),
      lines[0].replacing("\"42\"", with: "42"), lines[0].replacing("\"created\":0,", with: ""),
      lines[1].replacing(",\"end\":\"resync:mnt,net\"", with: ""),
      lines[2].replacing("\"sessions\":1", with: "\"sessions\":0"),
    ]
    #expect(Set(bad).isDisjoint(with: lines), "each must be changed")
    #expect(try validity(of: bad, by: "sessions.schema.json") == bad.map { _ in false })
  }

  @Test func `the list of what exists is valid, and nothing else`() throws {
    let run = History(
      .host, .snapshot(1, 9), .clone(1, 2, [.net: 101], nsid: 7), .exec(2, exe: "/bin/cat"))
    var text = TextBuffer()
    NamespaceListing(run.state, nsfsDev: 4, timeNs: 0).writeJSON(to: &text)
    let lines = String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.count == 9)
    #expect(try validity(of: lines, by: "list.schema.json") == lines.map { _ in true })
    let net = try #require(lines.first { $0.contains("\"ino\":101") })
    let bad = [
      net.replacing("\"net\"", with: "\"link\""), net.replacing("\"tasks\":1", with: "\"tasks\":0"),
      net.replacing("\"ino\":101", with: "\"ino\":\"101\""),
      net.replacing("\"nsid\":7,", with: "\"nsid\":0,"),
      net.replacing("\"dev\":\"00:04\",", with: ""),
      net.replacing("\"contid\":[]", with: "\"contid\":[\"5\"]"),
      net.replacing("\"exe\":\"/bin/cat\"", with: "\"exe_cut\":true"),
      net.replacing("\"comm\"", with: "\"command\""),
    ]
    #expect(Set(bad).isDisjoint(with: lines), "each must be changed")
    #expect(try validity(of: bad, by: "list.schema.json") == bad.map { _ in false })
  }

  @Test func `a record that contradicts itself is invalid`() throws {
    let created = lines(of: [SampleEvents.created])
    let refused = lines(of: [SampleEvents.refused])
    let registered = lines(of: [SampleEvents.registered])
    let entered = lines(of: [SampleEvents.enteredInSession])
    let bad = [
      created[1].replacing("\"ino\":4026532281", with: "\"ino\":null"),
      created[1].replacing("\"dev\":\"00:04\",", with: ""),
      created[1].replacing("\"old_dev\":\"00:04\",", with: ""),
      created[1].replacing("\"uid\":0,", with: ""),
      created[1].replacing("\"res\":true", with: "\"res\":false"),
      created[1].replacing("NS_CREATE", with: "NS_CHANGE"),
      created[1].replacing("\"unshare\",\"nstype\"", with: "\"fork\",\"nstype\""),
      created[1].replacing("\"net\"", with: "\"pid_for_children\""),
      created[1].replacing("123456789Z", with: "123Z"),
      created[1].replacing("\"serial\":17", with: "\"serial\":0"),
      created[0].replacing("\"auid\":1000", with: "\"auid\":-1"),
      created[0].replacing("\"a0\":\"40000000\"", with: "\"a0\":\"0x4\""),
      refused[1].replacing("\"res\":false", with: "\"res\":true"),
      registered[0].replacing("NS_CHANGE", with: "NS_CREATE"),
      registered[2].replacing("\"set\"", with: "\"drop\""),
      registered[2].replacing("\"42\"", with: "42"),
      registered[2].replacing("\"42\"", with: "\"-1\""),
      registered[3].replacing("\"record\":1", with: "\"record\":0"),
      registered[3].replacing("member", with: "inside"),
      entered[2].replacing("setns:net", with: "setns:"),
      entered[2].replacing("\"cses\":3", with: "\"cses\":0"),
      entered[4].replacing("inside", with: "member"), entered[4].replacing("\"cses\":3,", with: ""),
    ]
    #expect(
      Set(bad).isDisjoint(with: created + refused + registered + entered), "each must be changed")
    #expect(try validity(of: bad) == bad.map { _ in false })
  }

  private func json(_ object: [String: Any]) throws -> String {
    let data = try JSONSerialization.data(withJSONObject: object, options: .withoutEscapingSlashes)
    return String(decoding: data, as: UTF8.self)
  }
}
