// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

/// What is selected of the kernel's audit.
@Suite struct KernelEventFilterTests {
  private static let uuid = "6f1c6b0e-0d0c-4b0a-9080-706050403020"

  private static func filter(_ set: (inout RecordFilter) -> Void) -> RecordFilter {
    var filter = RecordFilter()
    set(&filter)
    return filter
  }

  private static func selects(
    _ event: KernelEvent = .executed, _ set: (inout RecordFilter) -> Void
  ) -> Bool {
    let filter = filter(set)
    #expect(!filter.isEmpty)
    return filter.selects(event)
  }

  /// Whether an event that names containers is selected by what a user wrote.
  private static func selects(
    _ texts: [String], of mentions: [ContainerMention],
    named names: [(String, ContainerID)] = []
  ) -> Bool {
    let event = KernelEvent.make((1300, KernelEvent.call), mentions: mentions)
    var filter = RecordFilter()
    for text in texts {
      let isTaken = filter.containers.insert(text)
      #expect(isTaken)
    }
    for (name, id) in names { filter.note(name: Array(name.utf8), of: id) }
    var excluding = RecordFilter()
    excluding.excludedContainers = filter.containers
    #expect(excluding.selects(event) == !filter.selects(event))
    return filter.selects(event)
  }

  @Test func `no filter selects everything`() {
    #expect(RecordFilter().selects(.executed) && !RecordFilter().reduces(.executed))
  }

  @Test func `a process is that of the event`() {
    #expect(Self.selects { $0.pids = [1, 4242] })
    #expect(!Self.selects { $0.pids = [1] })
    #expect(!Self.selects(.make((1324, "mark=0x0"))) { $0.pids = [1] })
  }

  @Test func `an operation or a kind selects none`() {
    #expect(!Self.selects { $0.operations = [.exec] })
    #expect(!Self.selects { $0.kinds = [.net] })
  }

  @Test func `a system call that failed can be left out`() {
    let call = KernelEvent.call.replacing("success=yes", with: "success=no")
    #expect(Self.selects { $0.includesRefused = false })
    #expect(!Self.selects(.make((1400, "avc:"), (1300, call))) { $0.includesRefused = false })
    let said = KernelEvent.make((1112, "pid=1 msg='success=no'"))
    #expect(Self.selects(said) { $0.includesRefused = false })
  }

  @Test func `a container is selected as what its members and its visitors do`() {
    let mentions = KernelEvent.executed.mentions
    #expect(Self.selects(["42"], of: mentions))
    #expect(Self.selects(["7"], of: mentions))
    #expect(Self.selects(["1"], of: mentions))
    #expect(Self.selects(["8", "7"], of: mentions))
    #expect(!Self.selects(["4"], of: mentions))
    #expect(!Self.selects(["42"], of: []))
  }

  @Test func `the beginning of a UUID is enough, that of a decimal is not`() {
    let mentions = [ContainerMention.member(Self.uuid)]
    #expect(Self.selects([Self.uuid], of: mentions))
    #expect(Self.selects([Self.uuid.uppercased()], of: mentions))
    #expect(Self.selects(["6f1c"], of: mentions))
    #expect(Self.selects(["6F1C6B0E-0d"], of: mentions))
    #expect(!Self.selects(["6f1"], of: mentions))
    #expect(!Self.selects(["f1c6"], of: mentions))
    #expect(!Self.selects(["1234"], of: [.member("12345")]))
  }

  @Test func `a name selects once it is known, and its beginning`() {
    let mentions = [ContainerMention.member("42")]
    let names = [("webserver", ContainerID(high: 0, low: 42))]
    #expect(!Self.selects(["webserver"], of: mentions))
    #expect(Self.selects(["webserver"], of: mentions, named: names))
    #expect(Self.selects(["webs"], of: mentions, named: names))
    #expect(!Self.selects(["web"], of: mentions, named: names))
    #expect(!Self.selects(["ebserver"], of: mentions, named: names))
    #expect(!Self.selects(["webserver2"], of: mentions, named: names))
    #expect(Self.selects(["web"], of: mentions, named: [("web", ContainerID(high: 0, low: 42))]))
    #expect(Self.selects(["1234"], of: mentions, named: [("1234", ContainerID(high: 0, low: 42))]))
    #expect(
      !Self.selects(["1234"], of: mentions, named: [("12345", ContainerID(high: 0, low: 42))]))
  }

  @Test func `a runtime's whole name is its ID`() {
    let name = String(repeating: "0123456789abcdef", count: 4)
    let id = ContainerID(runtimeID: Array(name.utf8))
    #expect(Self.selects([name], of: [.member("\(id)")]))
    #expect(!Self.selects([String(name.prefix(12)) + "x"], of: [.member("\(id)")]))
  }

  @Test(arguments: ["", "-1", "18446744073709551615", "ffffffff-ffff-ffff-ffff-ffffffffffff"])
  func `what is no container is refused`(_ text: String) {
    var choice = ContainerChoice()
    let isTaken = choice.insert(text)
    #expect(!isTaken && choice.isEmpty)
  }

  @Test func `a container that ended is found until many others have`() {
    var choice = ContainerChoice()
    let isTaken = choice.insert("webs")
    #expect(isTaken)
    let id = { (number: Int) in ContainerID(high: 0, low: UInt64(number)) }
    let isNamed = { (number: Int, choice: ContainerChoice) in
      choice.names(ContainerList([.init(id(number))]))
    }
    let limit = ContainerChoice.endedLimit
    for number in 0...limit + 1 { choice.note(Array("webs".utf8), of: id(number)) }
    for number in 0..<limit { choice.noteEnd(of: id(number)) }
    #expect(isNamed(0, choice))
    choice.note(Array("webs".utf8), of: id(0))
    choice.noteEnd(of: id(limit))
    choice.noteEnd(of: id(limit + 1))
    #expect(isNamed(0, choice) && !isNamed(1, choice) && isNamed(2, choice))
  }

  private static func types(_ names: String...) -> RecordTypeChoice {
    var choice = RecordTypeChoice()
    for name in names {
      let isTaken = choice.insert(name)
      #expect(isTaken)
    }
    return choice
  }

  @Test func `a type selects events that have such a record`() {
    #expect(Self.selects { $0.types = Self.types("EXECVE") })
    #expect(Self.selects { $0.types = Self.types("AVC", "1327") })
    #expect(Self.selects { $0.types = Self.types("CONTAINER_ID") })
    #expect(!Self.selects { $0.types = Self.types("AVC") })
    #expect(!Self.selects(.make((1305, "op=set"))) { $0.types = Self.types("CONTAINER_ID") })
    #expect(Self.selects(.make((1423, "a=1"))) { $0.types = Self.types("UNKNOWN[1423]") })
    for name in ["avc", ""] {
      var choice = RecordTypeChoice()
      let isTaken = choice.insert(name)
      #expect(!isTaken && choice.isEmpty)
    }
  }

  @Test func `a type that is excluded is left out of its events`() {
    let filter = Self.filter { $0.excludedTypes = Self.types("PROCTITLE", "EXECVE") }
    #expect(filter.selects(.executed) && filter.reduces(.executed))
    var event = KernelEvent.executed
    filter.reduce(&event)
    #expect(event.records == [KernelEvent.executed.records[0]])
    #expect(event.mentionIndex == 1)
    #expect(!filter.reduces(.login) && filter.selects(.login))
    #expect(!Self.selects(.login) { $0.excludedTypes = Self.types("USER_LOGIN") })
  }

  @Test func `nstrace's own events are selected by type, too`() {
    func left(_ event: AuditEvent, _ set: (inout RecordFilter) -> Void) -> [Int] {
      var event = event
      let isWanted = Self.filter(set).reduce(&event)
      return [isWanted ? 1 : 0, event.namespaces.count, event.containers.count]
    }
    let registered = SampleEvents.registered
    #expect(left(registered) { $0.types = Self.types("CONTAINER_OP") } == [1, 1, 1])
    #expect(left(registered) { $0.types = Self.types("UNKNOWN[1395]") } == [1, 1, 1])
    #expect(left(registered) { $0.types = Self.types("NS_DESTROY") }[0] == 0)
    #expect(left(SampleEvents.created) { $0.types = Self.types("SYSCALL") } == [1, 1, 0])
    #expect(left(registered) { $0.excludedTypes = Self.types("NS_CHANGE") } == [1, 0, 1])
    #expect(
      left(registered) { $0.excludedTypes = Self.types("NS_CHANGE", "CONTAINER_OP") } == [0, 0, 0])
    #expect(left(SampleEvents.lost) { $0.excludedTypes = Self.types("NS_LOST") }[0] == 1)
    #expect(left(SampleEvents.created) { $0.keys = [Array("nstrace".utf8)] }[0] == 1)
    #expect(left(SampleEvents.created) { $0.keys = [Array("x".utf8)] }[0] == 0)
    #expect(left(SampleEvents.created) { $0.excludedKeys = [Array("nstrace".utf8)] }[0] == 0)
    let id: Set = [ContainerID(high: 0, low: 42)]
    #expect(left(registered) { $0.excludedContainers = ContainerChoice(id) } == [0, 0, 0])
    #expect(left(SampleEvents.created) { $0.excludedContainers = ContainerChoice(id) }[0] == 1)
  }

  @Test(arguments: [
    ("key=\"exec\"", ["exec"], true), ("key=\"exec\"", ["exe"], false),
    ("key=\"exec\"", ["x", "exec"], true), ("key=(null)", ["(null)"], false),
    ("key=6578016563", ["ex"], true), ("key=6578016563", ["ec"], true),
    ("key=6578016563", ["ex\u{1}ec"], false), ("key=6578016563", ["6578016563"], false),
    ("key=6120", ["a "], true), ("key=\"\"", [""], true), ("", ["exec"], false),
    ("comm=\"key=exec\"", ["exec"], false), ("msg='key=\"exec\"'", ["exec"], false),
  ])
  func `a key is one of the rule's`(_ text: String, _ keys: [String], _ isSelected: Bool) {
    let event = KernelEvent.make((1300, "arch=c000003e"), (1305, text))
    let keys = keys.map { Array($0.utf8) }
    #expect(Self.selects(event) { $0.keys = keys } == isSelected)
    #expect(Self.selects(event) { $0.excludedKeys = keys } == !isSelected)
  }
}
