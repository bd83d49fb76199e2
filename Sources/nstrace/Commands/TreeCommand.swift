// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct TreeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Shows its containers with their tasks and namespaces.",
    usage: "nstrace tree [<options>]",
    discussion: """
      Asks the tracer that runs (nstrace --follow, nstrace record). The caller needs
      CAP_AUDIT_CONTROL in the initial user namespace, as for register.

      Below each container stand its namespaces and its tasks, then the containers
      nested in it. A process stands below the one that it came from: its parent as
      of its own last report, or the task that forked it while there is none. When
      that one has exited, or is not in the container, the process stands at the
      margin. Threads, in braces, stand below their leader. Under "host" come the
      tasks without an ID in a container's namespaces, and whose these are.

      --format json writes an object a line (docs/containers.schema.json), --format
      none only the exit status: 0 done, 69 no tracer listens, 77 no permission.
      """)

  @OptionGroup(title: "What to show") var format: ReportFormatOptions
  @OptionGroup(title: "Expert") var control: ControlOptions

  func run() throws {
    try Failure.reporting {
      var question = ContainerQuestion(
        about: .tree, at: control.path, as: format.format, on: Terminal.style(.never))
      try question.run()
    }
  }
}
