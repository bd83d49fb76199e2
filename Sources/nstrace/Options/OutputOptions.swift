// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// How follow and replay write records.
struct OutputOptions: ParsableArguments {
  @OptionGroup(title: "What to show") var format: FormatOptions
  @OptionGroup(title: "What to show") var color: ColorOptions
  @OptionGroup(title: "What to show") var processes: ProcessOptions
  @OptionGroup(title: "What to show") var filter: FilterOptions
  @OptionGroup(title: "What to show") var auditFilter: AuditFilterOptions
  @OptionGroup(title: "What to show") var ends: EndOptions
  @OptionGroup(title: "What to show") var detail: DetailOptions
  @OptionGroup(title: "Where to write") var log: LogOptions
  @OptionGroup(title: "Where to write") var routes: RouteOptions
  @OptionGroup(title: "Where to write") var numbering: NumberingOptions

  /// - Parameter endNs: what `--since -10m` counts from: CLOCK_REALTIME, nanoseconds.
  /// - Throws: `QueryError`
  func plan(before endNs: Int64) throws -> OutputPlan {
    var plan = OutputPlan(
      format: format.chosen, terminal: color.terminal, typeBase: numbering.typeBase,
      filter: filter(before: endNs), tree: processes.tree, log: log.auditLog, routes: routes.plan)
    plan.excludedTree = processes.excludedTree
    plan.eventsMax = ends.count
    plan.condition = try filter.whereCondition()
    return plan
  }

  /// What the tracker has to find out for the output.
  func apply(to options: inout TrackerOptions) {
    detail.apply(to: &options)
    filter.apply(to: &options)
  }

  private func filter(before endNs: Int64) -> RecordFilter {
    var chosen = filter.filter(before: endNs)
    chosen.pids.insert(processes.alone)
    auditFilter.apply(to: &chosen)
    return chosen
  }
}
