// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Which records are printed. The audit log gets all records.
struct FilterOptions: ParsableArguments {
  @Option(
    name: [.long, .customShort("p")],
    help: ArgumentHelp("Only records by or about this process or thread.", valueName: "pid"))
  var pid: [UInt32] = []

  @Option(
    help: ArgumentHelp(
      "Only this kind: \(Self.list(NamespaceKind.allCases.map(\.name))).", valueName: "kind"),
    completion: .list(NamespaceKind.allCases.map { "\($0.name)" }), transform: Self.kind)
  var nstype: [NamespaceKind] = []

  @Option(
    help: ArgumentHelp(
      "Only this operation: \(Self.list(NSTrace.Operation.allCases.map(\.name))).", valueName: "op"),
    completion: .list(NSTrace.Operation.allCases.map { "\($0.name)" }), transform: Self.operation)
  var op: [NSTrace.Operation] = []

  @Option(
    help: ArgumentHelp(
      "Only records and audit events of this container: its ID, its name, or the beginning of one.",
      valueName: "id"),
    transform: AuditFilterOptions.container)
  var contid: [String] = []

  @Flag(help: "Leave out refused calls and registrations.")
  var noFailed = false

  var filter: RecordFilter {
    var filter = RecordFilter()
    filter.pids = Set(pid)
    filter.kinds = Set(nstype)
    filter.operations = Set(op)
    for name in contid { _ = filter.containers.insert(name) }
    filter.includesRefused = !noFailed
    return filter
  }

  private static func list(_ names: [StaticString]) -> String {
    names.map { "\($0)" }.joined(separator: ", ")
  }

  private static func kind(_ name: String) throws -> NamespaceKind {
    guard let kind = NamespaceKind(name: name) else {
      throw ValidationError(
        "'\(name)' is no kind of namespace: give \(list(NamespaceKind.allCases.map(\.name)))")
    }
    return kind
  }

  private static func operation(_ name: String) throws -> NSTrace.Operation {
    guard let operation = NSTrace.Operation(name: name) else {
      throw ValidationError(
        "'\(name)' is no operation: give \(list(NSTrace.Operation.allCases.map(\.name)))")
    }
    return operation
  }
}
