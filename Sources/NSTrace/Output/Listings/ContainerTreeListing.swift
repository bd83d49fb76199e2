// SPDX-License-Identifier: Apache-2.0

/// The containers with their tasks at one moment: the output of `nstrace tree`.
package struct ContainerTreeListing: LineMaker {
  private let context: ContainerContext
  private let format: ContainerFormat
  private let tree: ContainerTree
  private var part: Part
  /// The index of the next line in its part.
  private var next = 0

  private enum Part {
    case container(Int), namespaces(Int), tasks(Int), visitorsHeading, visitors
  }

  /// Deeper levels are not indented further, which bounds the length of a line.
  private static let depthLimit = 32

  /// - Parameter nowNs: CLOCK_BOOTTIME, nanoseconds, for the containers' age.
  package init<Sink: TrackerSink & ~Copyable>(
    _ tracker: borrowing Tracker<Sink>, as format: ContainerFormat, nowNs: UInt64
  ) {
    self.init(tracker.state, ContainerContext(tracker, nowNs: nowNs), as: format)
  }

  init(_ state: borrowing NamespaceState, _ context: ContainerContext, as format: ContainerFormat) {
    self.context = context
    self.format = format
    tree = ContainerTree(state)
    part = .container(0)
  }

  package mutating func writeNext(to text: inout TextBuffer) -> Bool {
    while true {
      switch part {
      case .container(let index) where index < tree.nodes.count:
        part = .namespaces(index)
        write(tree.nodes[index], to: &text)
        return true
      case .container: part = .visitorsHeading
      case .namespaces(let index):
        (part, next) = (.tasks(index), 0)
        if format == .table {
          writeNamespaces(tree.nodes[index], to: &text)
          return true
        }
      case .tasks(let index):
        let node = tree.nodes[index]
        guard next < node.tasks.count else {
          part = .container(index + 1)
          continue
        }
        write(node.tasks[next], in: node, to: &text)
        next += 1
        return true
      case .visitorsHeading:
        (part, next) = (.visitors, 0)
        if format == .table && !tree.visitors.isEmpty {
          text.append("host\n")
          return true
        }
      case .visitors:
        guard next < tree.visitors.count else { return false }
        write(tree.visitors[next], to: &text)
        next += 1
        return true
      }
    }
  }

  private func write(_ node: ContainerTree.Node, to text: inout TextBuffer) {
    let container = node.container
    if format == .json { return context.writeJSON(container, to: &text) }
    Self.indent(node.depth, &text)
    text.append("container ")
    container.id.append(to: &text)
    if !container.name.isEmpty {
      text.append(" ")
      TerminalText.asked.append(container.name, to: &text)
    }
    text.append(": ")
    text.append(context.state(of: container))
    if !container.hasEnded {
      text.append(container.tasks == 1 ? ", 1 task" : ", \(container.tasks) tasks")
    }
    context.appendVisitors(of: container, to: &text)
    text.append(", ")
    context.appendAge(of: container, to: &text)
    text.append("\n")
  }

  private func writeNamespaces(_ node: ContainerTree.Node, to text: inout TextBuffer) {
    Self.indent(node.depth + 1, &text)
    context.appendNamespaces(node.container.namespaces, but: node.container.id, to: &text)
    text.append("\n")
  }

  private func write(
    _ task: TreeTask, in node: ContainerTree.Node, to text: inout TextBuffer
  ) {
    switch format {
    case .json:
      text.append("{\"type\":\"task\",\"container\":\"")
      node.container.id.append(to: &text)
      text.append("\"")
      JSONLinesFormat.number("depth", UInt64(task.depth), &text)
      writeJSON(task, to: &text)
      text.append("}\n")
    case .table:
      Self.indent(node.depth + 1 + task.depth, &text)
      writeText(task, to: &text)
      text.append("\n")
    }
  }

  private func write(_ visitor: Visitor, to text: inout TextBuffer) {
    switch format {
    case .json:
      text.append("{\"type\":\"visitor\"")
      writeJSON(visitor.task, to: &text)
      context.writeJSON(visitor.namespaces, but: nil, to: &text)
      text.append("}\n")
    case .table:
      Self.indent(1, &text)
      writeText(visitor.task, to: &text)
      text.append(" in ")
      context.appendNamespaces(visitor.namespaces, but: nil, to: &text)
      text.append("\n")
    }
  }

  private func writeJSON(_ task: TreeTask, to text: inout TextBuffer) {
    JSONLinesFormat.number("tid", task.tid, &text)
    JSONLinesFormat.number("pid", task.tgid, &text)
    if let ppid = task.ppid { JSONLinesFormat.number("ppid", ppid, &text) }
    JSONLinesFormat.string("comm", task.comm, &text)
    JSONLinesFormat.append(task.program, to: &text)
    JSONLinesFormat.containers("contid", task.containers, &text)
    if let session = task.session { JSONLinesFormat.number("cses", session, &text) }
  }

  /// `4242 cat /usr/bin/cat`; a thread is `4243 {cat}`. The session of a task that came from
  /// outside follows.
  private func writeText(_ task: TreeTask, to text: inout TextBuffer) {
    writeName(of: task, to: &text)
    guard let session = task.session, session != 0 else { return }
    text.append(" cses=")
    text.append(decimal: session)
  }

  private func writeName(of task: TreeTask, to text: inout TextBuffer) {
    let isThread = task.tid != task.tgid
    text.append(decimal: task.tid)
    text.append(isThread ? " {" : " ")
    TerminalText.asked.append(task.comm, to: &text)
    if isThread { return text.append("}") }
    guard !task.exe.isEmpty else { return }
    text.append(" ")
    TerminalText.asked.append(task.program, to: &text)
  }

  private static func indent(_ depth: Int, _ text: inout TextBuffer) {
    text.append(raw: repeatElement(UInt8(ascii: " "), count: 2 * min(depth, depthLimit)))
  }
}
