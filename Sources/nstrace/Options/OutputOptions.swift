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

  var plan: OutputPlan {
    var plan = OutputPlan(
      format: format.chosen, terminal: color.terminal, typeBase: numbering.typeBase,
      filter: chosenFilter, tree: processes.tree, log: log.auditLog, routes: routes.plan)
    plan.eventsMax = ends.count
    return plan
  }

  private var chosenFilter: RecordFilter {
    var chosen = filter.filter
    chosen.pids = processes.alone
    auditFilter.apply(to: &chosen)
    return chosen
  }
}
