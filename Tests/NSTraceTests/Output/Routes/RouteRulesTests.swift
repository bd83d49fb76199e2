// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct RouteRulesTests {
  @Test func `a line is a rule`() throws {
    let rules = try RouteRules(
      text: """
        # the web server

        contid=42 file=web.log types=NS_CREATE,EXECVE format=json
        contid=00000000-0000-0001-0000-000000000002\tsocket=/run/audit.sock
        contid=7
        """)
    var web = RouteRule(ContainerID(high: 0, low: 42))
    var types = RecordTypeChoice()
    let areTypes = types.insert("NS_CREATE") && types.insert("EXECVE")
    #expect(areTypes)
    (web.file, web.types, web.format) = ("web.log", types, .json)
    var other = RouteRule(ContainerID(high: 1, low: 2))
    other.socket = "/run/audit.sock"
    #expect(rules.rules == [web, other, RouteRule(ContainerID(high: 0, low: 7))])
    #expect(rules.rules.map(\.fileName)[2] == "7.log")
    #expect(rules[ContainerID(high: 0, low: 8)] == nil)
  }

  @Test(arguments: [
    ("contid=1\ncontid=1", 2, RouteRuleError.Reason.twice("contid")),
    ("file=a", 1, .noID), ("contid=-1", 1, .noID), ("contid=x", 1, .noID),
    ("contid=1 mode=0644", 1, .noField("mode=0644")), ("contid=1 file", 1, .noField("file")),
    ("contid=1 file=", 1, .noField("file=")),
    ("contid=1 file=a file=b", 1, .twice("file")),
    ("contid=1 file=../passwd", 1, .noFileName("../passwd")),
    ("contid=1 file=a/b", 1, .noFileName("a/b")), ("contid=1 file=..", 1, .noFileName("..")),
    ("contid=1 file=.hidden", 1, .noFileName(".hidden")),
    ("contid=1 file=2.log", 1, .noFileName("2.log")),
    ("contid=1 file=a\ncontid=2 file=a", 2, .sameFile("a")),
    ("contid=1 file=a socket=/b", 1, .fileAndSocket),
    ("contid=1 socket=b", 1, .relative("b")),
    ("contid=1 types=NS_CREATE,", 1, .noType("")),
    ("contid=1 types=NS_MAKE", 1, .noType("NS_MAKE")),
    ("contid=1 format=table", 1, .noFormat("table")),
  ])
  func `anything else is refused with its line`(
    _ text: String, _ line: Int, _ reason: RouteRuleError.Reason
  ) {
    #expect(throws: RouteRuleError(line: line, reason: reason)) { try RouteRules(text: text) }
  }

  @Test func `there are no more rules than can be kept`() {
    let text = (1...RouteRules.most + 1).map { "contid=\($0)\n" }.joined()
    #expect(throws: RouteRuleError(line: RouteRules.most + 1, reason: .tooMany)) {
      try RouteRules(text: text)
    }
  }
}
