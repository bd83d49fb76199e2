// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct TreeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tree",
    abstract: "Shows containers with their tasks and namespaces.",
    usage: "nstrace tree [<options>]",
    discussion: """
      Asks the running tracer (nstrace --follow, nstrace record). The caller needs
      CAP_AUDIT_CONTROL in the initial user namespace, as for register.

      Below each container stand its namespaces and its tasks, then the containers
      nested in it. A process stands below its parent as of its own last report;
      before its first report, below the task that forked it. A process whose parent
      has exited, or is not in the container, stands at the margin. Threads stand in
      braces below their leader. Below "host" stand the tasks without an ID that are
      in a container's namespaces, and which containers use these.

      --format json writes an object a line (docs/containers.schema.json), --format
      none nothing. Exit status: 0 done, 69 no tracer listens, 77 no permission.
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
