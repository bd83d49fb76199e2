// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace
internal import NSTraceQuery

/// Which records are printed. The audit log gets all records.
struct FilterOptions: ParsableArguments {
  @OptionGroup(title: "What to show") var namespaces: NamespaceFilterOptions

  @Option(
    help: ArgumentHelp(
      "Only these operations: \(Self.operations.joined(separator: ", ")).", valueName: "op"),
    completion: .list(Self.operations), transform: Self.operation)
  var op: [ChosenValues<NSTrace.Operation>] = []

  @Option(
    help: ArgumentHelp(
      "Only this: \(Self.classes.joined(separator: ", ")).", valueName: "class"),
    completion: .list(Self.classes), transform: Self.recordClass)
  var what: [ChosenValues<RecordClass>] = []

  @OptionGroup(title: "What to show") var actors: ActorFilterOptions
  @OptionGroup(title: "What to show") var containers: ContainerFilterOptions

  @Option(
    help: ArgumentHelp(
      "Only by tasks that have entered this container from outside.", valueName: "id"),
    transform: ChosenContainer.init)
  var entered: [ChosenContainer] = []

  @Flag(help: "Only refused calls and registrations.")
  var failed = false

  @Flag(help: "Leave out refused calls and registrations.")
  var noFailed = false

  @OptionGroup(title: "What to show") var window: WindowOptions

  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only records for which this is true: SQL over the fields of --format json.",
      valueName: "expression"))
  var condition: String?

  /// - Parameter endNs: what `--since -10m` counts from: CLOCK_REALTIME, nanoseconds.
  func filter(before endNs: Int64) -> RecordFilter {
    var filter = RecordFilter()
    namespaces.apply(to: &filter)
    actors.apply(to: &filter)
    containers.apply(to: &filter)
    filter.operations.insert(op)
    filter.classes.insert(what)
    for one in entered where one.isExcluded { _ = filter.excludedEntered.insert(one.name) }
    for one in entered where !one.isExcluded { _ = filter.entered.insert(one.name) }
    filter.includesRefused = !noFailed
    filter.includesGranted = !failed
    filter.window = window.window(before: endNs)
    return filter
  }

  /// What the tracker has to find out for the filter.
  func apply(to options: inout TrackerOptions) { options.tellsCgroups = !actors.cgroup.isEmpty }

  /// The condition of --where; nil: there is none.
  /// - Throws: `QueryError`
  func whereCondition() throws(QueryError) -> SQLCondition? {
    guard let condition else { return nil }
    return try SQLCondition(condition)
  }

  func validate() throws {
    do throws(QueryError) {
      _ = try whereCondition()
    } catch {
      throw ValidationError("\(error)")
    }
    if failed && noFailed {
      throw ValidationError("--failed and --no-failed together select no call")
    }
  }

  private static var operations: [String] { NSTrace.Operation.allCases.map { "\($0.name)" } }
  private static var classes: [String] { RecordClass.allCases.map(\.rawValue) }

  private static func operation(_ text: String) throws -> ChosenValues<NSTrace.Operation> {
    try ChosenValues(text, "operation", operations, NSTrace.Operation.init(name:))
  }

  private static func recordClass(_ text: String) throws -> ChosenValues<RecordClass> {
    try ChosenValues(text, "class of records", classes, RecordClass.init(rawValue:))
  }
}
