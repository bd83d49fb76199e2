// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// Summaries of containers as short texts, without the host's own namespaces.
extension History {
  var containers: [ContainerSummary] { state.containerSummaries }
  var tree: ContainerTree { ContainerTree(state) }

  func context(nowNs: UInt64 = 0, isUnsure: Bool = false) -> ContainerContext {
    ContainerContext(
      nsfsDev: 4, realtimeOffsetNs: 1_000_000_000, nowNs: nowNs, isUnsure: isUnsure)
  }
}

extension ContainerSummary.Use {
  var text: String { "\(namespace.kind) \(namespace.inum) of \(containers)" }
}

extension ContainerTree {
  /// A line for each container, task and visitor, indented by depth.
  var lines: [String] {
    nodes.flatMap { node in
      [Self.indent(node.depth) + "container \(node.container.id)"]
        + node.tasks.map { Self.indent(node.depth + 1 + $0.depth) + "\($0.tid)" }
    } + visitors.map { "\($0.task.tid) in " + $0.namespaces.map(\.text).joined(separator: ", ") }
  }

  private static func indent(_ depth: Int) -> String { String(repeating: " ", count: depth) }
}

extension LineMaker {
  /// The lines of all containers.
  var lines: [String] {
    var maker = self
    var lines: [String] = []
    var text = TextBuffer()
    while maker.writeNext(to: &text) {
      lines.append(String(decoding: text.bytes, as: UTF8.self))
      text.removeAll()
    }
    return lines
  }
}
