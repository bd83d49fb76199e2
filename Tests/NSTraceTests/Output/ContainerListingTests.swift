// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

/// The lines of `nstrace containers` and `nstrace tree`.
@Suite struct ContainerListingTests {
  private static let hostile = "a\u{1b}[31m\"\\\u{9b}\u{1}"

  /// Container 5 of tasks 2 and 14, with a net namespace of its own and one visitor.
  private static func history(
    name: String = "", comm: String = "cat", _ more: [History.Step] = []
  ) -> History {
    History(
      [
        .host, .snapshot(1, 9), .clone(1, 2, [.net: 101]), .called(2, comm, hasNoNewPrivs: true),
        .exec(2, exe: "/bin/cat"), .register(2, "5", RegistrationFacts(name: name)),
        .fork(2, 14), .fork(1, 16), .called(16, comm), .setns(16, [.net: 101]),
      ] + more)
  }

  private static func table(_ run: History, nowNs: UInt64 = 0, isUnsure: Bool = false) -> [String] {
    ContainerListing(run.state, run.context(nowNs: nowNs, isUnsure: isUnsure), as: .table).lines
  }

  private static func json(_ run: History) -> [String] {
    ContainerListing(run.state, run.context(), as: .json).lines
  }

  private static func tree(_ run: History, as format: ContainerFormat) -> [String] {
    ContainerTreeListing(run.state, run.context(), as: format).lines
  }

  private static let hosts =
    "mnt=host uts=host ipc=host pid=host user=host net=101 cgroup=host time=host"

  private static func row(
    _ id: String, _ name: String, _ state: String, _ tasks: String, _ nnp: String, _ age: String,
    _ namespaces: String
  ) -> String {
    func pad(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.utf8.count))
    }
    return pad(id, 38) + pad(name, 16) + pad(state, 21) + pad(tasks, 7) + pad(nnp, 5) + pad(age, 6)
      + namespaces + "\n"
  }

  private static let heading = row(
    "CONTAINER", "NAME", "STATE", "TASKS", "NNP", "AGE", "NAMESPACES")

  @Test func `a table has a row for each container`() {
    #expect(
      Self.table(Self.history(name: "web")) == [
        Self.heading, Self.row("5", "web", "running, 1 visitor", "2", "1", "0s", Self.hosts),
      ])
  }

  @Test func `during recovery from a loss it is not sure`() {
    #expect(
      Self.table(Self.history(), isUnsure: true).last
        == Self.row("5", "-", "unsure, 1 visitor", "2", "1", "0s", Self.hosts))
  }

  @Test func `without containers there is only the heading`() {
    #expect(Self.table(History(.host, .snapshot(1))) == [Self.heading])
    #expect(Self.json(History(.host, .snapshot(1))) == [])
    #expect(Self.tree(History(.host, .snapshot(1)), as: .table) == [])
    #expect(Self.tree(History(.host, .snapshot(1)), as: .json) == [])
  }

  @Test(
    arguments: [
      (0, "0s"), (1, "1s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172_800, "2d"),
    ] as [(UInt64, String)])
  func `age is in the largest unit of which there are two`(seconds: UInt64, age: String) {
    #expect(
      Self.table(Self.history(), nowNs: 60 + seconds * 1_000_000_000).last
        == Self.row("5", "-", "running, 1 visitor", "2", "1", age, Self.hosts))
  }

  private static let use =
    #"{"nstype":"mnt","dev":"00:04","ino":1,"host":true},"#
    + #"{"nstype":"uts","dev":"00:04","ino":2,"host":true},"#
    + #"{"nstype":"ipc","dev":"00:04","ino":3,"host":true},"#
    + #"{"nstype":"pid","dev":"00:04","ino":4,"host":true},"#
    + #"{"nstype":"user","dev":"00:04","ino":5,"host":true},"#
    + #"{"nstype":"net","dev":"00:04","ino":101,"host":false,"shared_with":[]},"#
    + #"{"nstype":"cgroup","dev":"00:04","ino":7,"host":true},"#
    + #"{"nstype":"time","dev":"00:04","ino":8,"host":true}"#

  private static let object =
    #"{"type":"container","contid":"5","name":"web","state":"running","tasks":2,"visitors":1,"nnp":true,"seccomp":0,"#
    + #""since":"1970-01-01T00:00:01.000000060Z","age_seconds":0,"parents":[],"cgroups":[],"namespaces":["#
    + use + "]}\n"

  @Test func `one whose tasks have ended is listed while a visitor is inside`() {
    let ended: [History.Step] = [.fork(16, 17), .exit(2), .exit(14)]
    let run = Self.history(name: "web", ended)
    #expect(
      Self.table(run) == [
        Self.heading, Self.row("5", "web", "ended, 2 visitors", "0", "?", "0s", "net=101"),
      ])
    #expect(
      Self.tree(run, as: .table) == [
        "container 5 web: ended, 2 visitors, 0s\n", "  net=101\n", "host\n",
        "  16 cat cses=1 in net=101(5)\n", "  17 cat cses=1 in net=101(5)\n",
      ])
    #expect(Self.json(run)[0].contains(#""state":"ended","tasks":0,"visitors":2,"since":"#))
    #expect(run.lines.contains("drop -1 opid 14 <- 5"))
    let gone = Self.history(name: "web", ended + [.exit(16), .setns(17, [.net: 6])])
    #expect(Self.table(gone) == [Self.heading])
  }

  @Test func `an object has the same`() {
    #expect(Self.json(Self.history(name: "web")) == [Self.object])
  }

  @Test func `a tree has containers, namespaces, tasks and visitors`() {
    #expect(
      Self.tree(Self.history(name: "web"), as: .table) == [
        "container 5 web: running, 2 tasks, 1 visitor, 0s\n", "  \(Self.hosts)\n",
        "  2 cat /bin/cat\n",
        "    14 cat /bin/cat\n", "host\n", "  16 cat cses=1 in net=101(5)\n",
      ])
    #expect(
      Self.tree(Self.history(name: "web"), as: .json) == [
        Self.object,
        #"{"type":"task","container":"5","depth":0,"tid":2,"pid":2,"comm":"cat","#
          + #""exe":"/bin/cat","contid":["5"],"cses":0}"# + "\n",
        #"{"type":"task","container":"5","depth":1,"tid":14,"pid":14,"ppid":2,"comm":"cat","#
          + #""exe":"/bin/cat","contid":["5"],"cses":0}"# + "\n",
        #"{"type":"visitor","tid":16,"pid":16,"comm":"cat","contid":[],"cses":1,"namespaces":["#
          + #"{"nstype":"net","dev":"00:04","ino":101,"host":false,"shared_with":["5"]}]}"# + "\n",
      ])
  }

  @Test func `L1: each cgroup of a container, with all of its tasks`() {
    let run = History(
      .host, .cgroup(7, "/web"), .cgroup(8, "/host"), .snapshot(1, 9), .fork(1, 2), .fork(1, 3),
      .fork(1, 4), .attach(2, 7), .attach(3, 8), .attach(4, 7),
      .called(2, "web", hasNoNewPrivs: true),
      .exec(2), .called(4, "web"), .exec(4), .register(2, "5"))
    #expect(
      run.containers.map(\.cgroups) == [
        [
          ContainerSummary.Cgroup(
            path: BoundedText(Array("/web".utf8)), tasks: 2, hasNoNewPrivs: false, seccomp: 0)
        ]
      ])
    #expect(
      Self.json(run)[0].contains(
        #","cgroups":[{"tasks":2,"nnp":false,"seccomp":0,"path":"/web"}],"#))
  }

  @Test func `a thread has no program of its own`() {
    #expect(
      Self.tree(Self.history([.thread(14, 17)]), as: .table)[4] == "      17 {cat}\n")
  }

  @Test func `who shares a namespace is named, the first four`() {
    let sharers = (20..<26).flatMap { tid in
      [.fork(16, tid), .register(tid, "\(tid)")] as [History.Step]
    }
    let run = Self.history(sharers)
    #expect(Self.table(run)[1].contains(" net=101(20,21,22,23,+2) "))
    #expect(Self.table(run)[2].contains(" net=101(5,21,22,23,+2) "))
    #expect(Self.json(run)[0].contains(#""shared_with":["20","21","22","23","24","25"]}"#))
  }

  @Test func `of 300 who share a namespace 200 are named, and how many are not`() throws {
    let sharers = (1000..<1300).flatMap { tid in
      [.fork(16, tid), .register(tid, "\(tid)")] as [History.Step]
    }
    let lines = Self.json(Self.history(sharers))
    #expect(lines.count == 301)
    for line in [lines[0], lines[1], lines[300]] {
      let uses = try #require(JSONLines.object(line)["namespaces"] as? [JSONLines.Object])
      let net = try #require(uses.first { $0["nstype"] as? String == "net" })
      #expect((net["shared_with"] as? [String])?.count == 200)
      #expect(net["shared_with_left_out"] as? Int == 100)
    }
  }

  @Test func `of many namespaces four of a kind are in the table, and 1,024 in the object`() throws
  {
    let holders = (1000..<2030).flatMap { tid in
      [.fork(2, tid), .unshare(tid, [.uts: 10_000 + tid])] as [History.Step]
    }
    let run = Self.history(holders)
    #expect(Self.table(run)[1].contains(" uts=host,11000,11001,11002,+1027 "))
    let object = try JSONLines.object(Self.json(run)[0])
    #expect((object["namespaces"] as? [JSONLines.Object])?.count == 1024)
    #expect(object["namespaces_left_out"] as? Int == 14)
  }

  @Test func `what is nested deeply is not indented for ever`() {
    let line = (100..<200).map { History.Step.fork($0 == 100 ? 14 : $0 - 1, $0) }
    let lines = Self.tree(Self.history(line), as: .table)
    #expect(lines[103] == String(repeating: " ", count: 64) + "199 cat /bin/cat\n")
  }

  /// No byte that a terminal takes for a command, and none that ends a line.
  @Test(arguments: ContainerFormat.allCases)
  func `hostile names are escaped`(_ format: ContainerFormat) {
    let run = Self.history(name: Self.hostile, comm: Self.hostile)
    let lines =
      ContainerListing(run.state, run.context(), as: format).lines
      + ContainerTreeListing(run.state, run.context(), as: format).lines
    for line in lines {
      #expect(line.unicodeScalars.dropLast().allSatisfy { (0x20...0x7e).contains($0.value) })
      #expect(line.last == "\n")
    }
    let escaped =
      switch format {
      case .json: #""a\u001b[31m\"\\\u009b\u0001""#
      case .table: #"a\x1b[31m"\x5c\xc2\x9b\x01"#
      }
    #expect(lines.count { $0.contains(escaped) } == (format == .json ? 5 : 5))
  }

  @Test func `lines of text are quoted where there is an object a line`() {
    let run = Self.history(name: Self.hostile)
    let lines = QuotedLines(ContainerTreeListing(run.state, run.context(), as: .table)).lines
    #expect(
      lines.first
        == #"{"text":"container 5 a\\x1b[31m\"\\x5c\\xc2\\x9b\\x01: running, 2 tasks, 1 visitor, 0s"}"#
        + "\n")
    #expect(lines.count == 6)
  }
}
