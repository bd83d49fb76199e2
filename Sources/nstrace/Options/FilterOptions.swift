// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Which records are printed. The audit log gets all records.
struct FilterOptions: ParsableArguments {
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
      "Only this: \(RecordClass.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "class"),
    completion: .list(RecordClass.allCases.map(\.rawValue)), transform: Self.classes)
  var what: [Set<RecordClass>] = []

  @Option(help: ArgumentHelp("Only events by tasks of this name (a glob).", valueName: "glob"))
  var comm: [String] = []

  @Option(help: ArgumentHelp("Only events by this program (a glob).", valueName: "glob"))
  var exe: [String] = []

  @Option(
    help: ArgumentHelp("Only events by this user.", valueName: "user"), transform: UserNumber.init)
  var uid: [UserNumber] = []

  @Option(
    help: ArgumentHelp("Only events by who logged in as this user, or unset.", valueName: "user"),
    transform: UserNumber.init)
  var auid: [UserNumber] = []

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
    filter.kinds = Set(nstype)
    filter.operations = Set(op)
    filter.classes = what.reduce(into: []) { $0.formUnion($1) }
    for pattern in comm { filter.actor.comm.insert(pattern) }
    for pattern in exe { filter.actor.exe.insert(pattern) }
    for user in uid { filter.actor.uid.insert(user.number, isExcluded: user.isExcluded) }
    for user in auid { filter.actor.auid.insert(user.number, isExcluded: user.isExcluded) }
    for name in contid { _ = filter.containers.insert(name) }
    filter.includesRefused = !noFailed
    return filter
  }

  private static func list(_ names: [StaticString]) -> String {
    names.map { "\($0)" }.joined(separator: ", ")
  }

  /// Several with commas between, as in `create,destroy`.
  private static func classes(_ names: String) throws -> Set<RecordClass> {
    let classes = try names.split(separator: ",", omittingEmptySubsequences: false).map { name in
      guard let one = RecordClass(rawValue: String(name)) else {
        let valid = RecordClass.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("'\(name)' is nothing that records are about: give \(valid)")
      }
      return one
    }
    return Set(classes)
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
