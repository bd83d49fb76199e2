// SPDX-License-Identifier: Apache-2.0

/// The containers at one moment, one a line: the output of `nstrace containers`.
package struct ContainerListing: LineMaker {
  private let context: ContainerContext
  private let format: ContainerFormat
  private let containers: [ContainerSummary]
  private var next = 0
  private var isHeadingDue: Bool

  /// - Parameter nowNs: CLOCK_BOOTTIME, nanoseconds, for the containers' age.
  package init<Sink: TrackerSink & ~Copyable>(
    _ tracker: borrowing Tracker<Sink>, as format: ContainerFormat, nowNs: UInt64
  ) {
    self.init(tracker.state, ContainerContext(tracker, nowNs: nowNs), as: format)
  }

  init(_ state: borrowing NamespaceState, _ context: ContainerContext, as format: ContainerFormat) {
    self.context = context
    self.format = format
    containers = state.containerSummaries
    isHeadingDue = format == .table
  }

  package mutating func writeNext(to text: inout TextBuffer) -> Bool {
    if isHeadingDue {
      isHeadingDue = false
      writeHeading(to: &text)
      return true
    }
    guard next < containers.count else { return false }
    switch format {
    case .json: context.writeJSON(containers[next], to: &text)
    case .table: writeRow(containers[next], to: &text)
    }
    next += 1
    return true
  }

  private enum Column {
    static let id = 38
    static let name = 16
    static let state = 21
    static let tasks = 7
    static let nnp = 5
    static let age = 6
  }

  private func writeHeading(to text: inout TextBuffer) {
    let heading: [(StaticString, Int)] = [
      ("CONTAINER", Column.id), ("NAME", Column.name), ("STATE", Column.state),
      ("TASKS", Column.tasks), ("NNP", Column.nnp), ("AGE", Column.age),
    ]
    var row = TableRow(Self.style)
    for (name, width) in heading { row.cell(name, width, &text) }
    text.append("NAMESPACES\n")
  }

  /// The client wraps the lines for its terminal.
  private static let style = TerminalStyle(isUnicode: true)

  private func writeRow(_ container: ContainerSummary, to text: inout TextBuffer) {
    var row = TableRow(Self.style)
    row.cell(Column.id, &text) { container.id.append(to: &$0) }
    row.cell(
      name: container.name.isEmpty ? [UInt8(ascii: "-")] : container.name, Column.name, &text)
    row.cell(Column.state, &text) { context.appendState(of: container, to: &$0) }
    row.cell(UInt64(container.tasks), Column.tasks, &text)
    row.cell(container.hasNoNewPrivs.map { $0 ? "1" : "0" } ?? "?", Column.nnp, &text)
    row.cell(Column.age, &text) { context.appendAge(of: container, to: &$0) }
    context.appendNamespaces(container.namespaces, but: container.id, to: &text)
    text.append("\n")
  }
}
