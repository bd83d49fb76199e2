// SPDX-License-Identifier: Apache-2.0

import Testing

/// What filters leave of a golden dump: exactly the records that another reader of its JSON chooses.
@Suite struct ReplayFilterTests {
  private static let fixture = "linux-6.12"

  typealias Predicate = @Sendable (JSONLines.Object) -> Bool

  /// The lines of the golden JSON whose NS_* record is chosen, with the SYSCALL and PROCTITLE records of their events.
  private static func expected(_ isChosen: Predicate) throws -> [String] {
    let lines = try Fixture.text("\(fixture).json").split(separator: "\n").map(String.init)
    let objects = try lines.map { try JSONLines.object($0) }
    let isNamespace = objects.map { ($0["type"] as? String)?.hasPrefix("NS_") == true }
    let chosen = objects.indices.filter { isNamespace[$0] && isChosen(objects[$0]) }
    let serials = Set(chosen.compactMap { objects[$0]["serial"] as? Int })
    return objects.indices.filter { index in
      let serial = objects[index]["serial"] as? Int ?? 0
      return isNamespace[index] ? chosen.contains(index) : serials.contains(serial)
    }.map { lines[$0] }
  }

  private static func replay(_ options: [String]) throws -> [String] {
    var nstrace = try ChildProcess(
      BuiltProducts.nstrace,
      ["replay", "--format", "json"] + options + [Fixture.path("\(fixture).nsdump")])
    #expect(try nstrace.waitForExit() == .exited(0))
    #expect(nstrace.errorText == "")
    return nstrace.outputText.split(separator: "\n").map(String.init)
  }

  private static func text(_ key: String, _ object: JSONLines.Object) -> String {
    object[key] as? String ?? ""
  }

  private static func number(_ key: String, _ object: JSONLines.Object) -> Int? {
    object[key] as? Int
  }

  private static func isGranted(_ object: JSONLines.Object) -> Bool {
    object["res"] as? Bool == true
  }

  private static let since = "2026-11-24T00:00:00Z"

  struct Case: CustomTestStringConvertible, Sendable {
    let options: [String]
    let predicate: Predicate
    var testDescription: String { options.joined(separator: " ") }

    init(_ options: String..., predicate: @escaping Predicate) {
      self.options = options
      self.predicate = predicate
    }
  }

  private static let cases = [
    Case("--failed") { !isGranted($0) },
    Case("--no-failed") { isGranted($0) },
    Case("--nstype", "net,user") { ["net", "user"].contains(text("nstype", $0)) },
    Case("--nstype", "!net,user") { !["net", "user"].contains(text("nstype", $0)) },
    Case("--op", "!exit", "--op", "!clone") { !["exit", "clone"].contains(text("op", $0)) },
    Case("--what", "!destroy") { text("type", $0) != "NS_DESTROY" },
    Case("--what", "create,refused", "--nstype", "uts") {
      text("nstype", $0) == "uts" && (text("type", $0) == "NS_CREATE" || !isGranted($0))
    },
    Case("--ino", "4026531838") {
      [number("ino", $0), number("old_ino", $0)].contains(4_026_531_838)
    },
    Case("--ino", "!4026531838") {
      ![number("ino", $0), number("old_ino", $0)].contains(4_026_531_838)
    },
    Case("--where", "nstype = \"user\" and uid <> 0") {
      text("nstype", $0) == "user" && number("uid", $0) != 0
    },
    Case("--where", "nstype = \"user\"") { text("nstype", $0) == "user" },
    Case("--where", "op IN ('exit', \"unshare\") and not res") {
      ["exit", "unshare"].contains(text("op", $0)) && !isGranted($0)
    },
    Case("--where", "pinned is null and type <> 'NS_DESTROY'") { text("type", $0) != "NS_DESTROY" },
    Case("--where", "ino > 4026532000 or old_ino is null") {
      (number("ino", $0) ?? 0) > 4_026_532_000 || number("old_ino", $0) == nil
    },
    Case("--where", "contid = '' and upper(nstype) GLOB 'M*'") { text("nstype", $0) == "mnt" },
    Case("--where", "1", "--what", "destroy") { text("type", $0) == "NS_DESTROY" },
    Case("--where", "0") { _ in false },
    Case("--where", "null") { _ in false },
  ]

  @Test(arguments: cases)
  func `a filter leaves what it says`(_ one: Case) throws {
    #expect(try Self.replay(one.options) == Self.expected(one.predicate))
  }

  @Test func `the fields of the system call are those of its records`() throws {
    let lines = try Self.replay(["--where", "exit = -1 and proctitle like 'nsactor%'"])
    let all = try JSONLines.all(in: Fixture.text("\(Self.fixture).json"))
    let calls = all.filter { $0["type"] as? String == "SYSCALL" && $0["exit"] as? Int == -1 }
    let serials = Set(calls.compactMap { $0["serial"] as? Int })
    #expect(!serials.isEmpty)
    #expect(try lines == Self.expected { serials.contains($0["serial"] as? Int ?? 0) })
  }

  @Test func `a time is the stream's`() throws {
    let all = try JSONLines.all(in: Fixture.text("\(Self.fixture).json"))
    let time = try #require(all[all.count / 2]["time"] as? String)
    #expect(try Self.replay(["--since", time]) == Self.expected { Self.text("time", $0) >= time })
    #expect(try Self.replay(["--until", time]) == Self.expected { Self.text("time", $0) <= time })
    #expect(try Self.replay(["--since", "boot"]) == Self.expected { _ in true })
    #expect(try Self.replay(["--since", "-365d"]) == Self.expected { _ in true })
    #expect(try Self.replay(["--since", "2100-01-01"]) == [])
    #expect(try Self.replay(["--duration", "1d"]) == Self.expected { _ in true })
    #expect(try Self.replay(["--duration", "1ms"]) == [])
  }

  @Test(arguments: [
    (["--nstype", "nett"], "'nett' is no kind of namespace: give mnt, uts,"),
    (["--op", "!clone4"], "'clone4' is no operation: give clone, clone3,"),
    (["--what", "created"], "'created' is no class of records: give create, change,"),
    (["--ino", "x"], "'x' is no inode number: give a number from 0 to 4294967295"),
    (["--pid", "!-1"], "'-1' is no process: give a number"),
    (["--since", "yesterday"], "'yesterday' is no time: give 2026-11-25T10:00:00Z,"),
    (["--since", "2026-02-30"], "'2026-02-30' is no time"),
    (["--until", "boot"], "no record is older than the boot"),
    (["--since", "-1m", "--until", "-2m"], "--since is later than --until"),
    (["--duration", "0"], "'0' is no span of time: give 30s"),
    (["--duration", "3 s"], "'3 s' is no span of time"),
    (["--failed", "--no-failed"], "--failed and --no-failed together select no call"),
    (
      ["--where", "nstyp = 'user'"],
      "at character 1: there is no field 'nstyp': did you mean nstype?"
    ),
  ])
  func `a wrong value is refused with the valid ones`(_ options: [String], _ why: String) throws {
    let refusal = try #require(ProgramGrammar.refusal(of: ["replay", "x"] + options))
    #expect(refusal.status == 64)
    #expect(refusal.text.contains(why), "\(refusal.text)")
  }
}
