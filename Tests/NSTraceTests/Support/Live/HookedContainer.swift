// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

/// A container under a tracer that its runtime's hook registers it with, from its start to its end,
/// and the records of it.
struct HookedContainer: ~Copyable {
  private var nstrace: FollowingProgram
  private let directory: ScratchDirectory
  private var process: ChildProcess?
  /// All lines, once the container has ended.
  private(set) var lines: [AuditLine] = []
  /// The container's first task and its descendants.
  private(set) var tree = ProcessTree(root: 0)

  init(_ arguments: [String] = []) throws {
    let directory = try ScratchDirectory()
    nstrace = try FollowingProgram(["--record", directory.file("dump")] + arguments)
    self.directory = directory
  }

  /// The command line of the hook.
  var hook: [String] { [BuiltProducts.nstrace, "oci-hook", "--required", "--control", control] }
  var control: String { nstrace.control }
  /// What was printed so far.
  var printed: String { nstrace.process.outputText }
  /// What was recorded.
  var dump: String { directory.file("dump") }

  /// Starts the container, and waits until its own processes have done their work.
  mutating func start(_ runtime: [String]) throws {
    process = try ChildProcess(runtime[0], Array(runtime.dropFirst()))
    try nstrace.process.wait(for: "what the container does") {
      process?.look()
      return process?.status != nil || Self.hasWorked($0.outputText)
    }
    if process?.status != nil { throw LiveTraceError.actorFailed(process?.errorText ?? "") }
  }

  /// Whether the last namespace of the container has ended.
  private static func hasWorked(_ text: String) -> Bool {
    let lines = AuditLine.all(in: text)
    let made = lines.filter {
      $0.type == "NS_CREATE" && $0["op"] == "unshare" && $0["contid"] != "-1"
    }
    guard let last = made.last, made.map({ $0["nstype"] }) == ["uts", "ipc"] else { return false }
    return lines.contains {
      $0.type == "NS_DESTROY" && $0["opid"] == last["opid"] && $0["ino"] == last["ino"]
    }
  }

  /// Ends the container, and then the tracer.
  mutating func end(_ bundle: borrowing OCIBundle) throws {
    try process?.wait(for: "the container to wait") { _ in bundle.release() }
    #expect(try process?.waitForExit() == .exited(0))
    try nstrace.process.wait(for: "its end") { $0.outputText.contains(" op=drop ") }
    #expect(try nstrace.stop() == .exited(0))
    #expect(nstrace.process.errorText.contains(" 0 lost\n"))
    lines = AuditLine.all(in: nstrace.process.outputText)
    try readTree()
  }

  private mutating func readTree() throws {
    let blocks = try DumpFile.read(directory.file("dump")).blocks
    tree = ProcessTree(root: Int32(first))
    var decoder = EventDecoder()
    for block in blocks { try decoder.decode(block.span.bytes, into: &tree) }
  }

  /// The records of its granted registration, one for each task.
  var joined: [AuditLine] {
    lines.filter { $0.type == "CONTAINER_OP" && $0["op"] == "set" && $0["res"] == "1" }
  }

  /// The tid of the container's first task.
  var first: UInt32 { joined.first.flatMap { $0["opid"] }.flatMap { UInt32($0) } ?? 0 }

  func lines(_ type: String, _ op: String) -> [AuditLine] {
    lines.filter { $0.type == type && $0["op"] == op }
  }
}
