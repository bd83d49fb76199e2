// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct ContainersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "containers",
    abstract: "Lists the containers of the running tracer.",
    usage: "nstrace containers [<options>]",
    discussion: """
      Asks the running tracer (nstrace --follow, nstrace record). The caller needs
      CAP_AUDIT_CONTROL in the initial user namespace, as for register.

        CONTAINER   its ID
        NAME        its name, from its registration or its cgroup
        STATE       running; unsure while the tracer recovers from a loss; ended if
                    only visitors are left: tasks in sessions inside it
        TASKS       tasks that carry the ID, with those of nested containers
        NNP         1: all of them have no_new_privs; 0: not all; ?: not known
        AGE         since its registration or first task; if it is older than the
                    tracer, since the start of its oldest task
        NAMESPACES  by kind; "host": the host's own; in brackets: other containers
                    that use it

      --format json writes an object a line (docs/containers.schema.json), --format
      none nothing. Exit status: 0 done, 69 no tracer listens, 77 no permission.
      """)

  @OptionGroup(title: "What to show") var format: ReportFormatOptions
  @OptionGroup(title: "What to show") var color: ColorOptions
  @OptionGroup(title: "Expert") var control: ControlOptions

  func run() throws {
    try Failure.reporting {
      var question = ContainerQuestion(
        about: .containers, at: control.path, as: format.format, on: color.terminal,
        hasHeading: true)
      try question.run()
    }
  }
}
