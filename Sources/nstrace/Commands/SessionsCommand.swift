// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Shows who was inside a container from outside, and what they did.",
    usage: """
      nstrace sessions [<options>]
      nstrace sessions [<options>] <file>
      """,
    discussion: """
      A session begins when a task enters a container's namespace from outside
      (nsenter, podman exec), and ends with the last task of it that exits or
      leaves. Without a file asks the running tracer, for which the caller needs
      CAP_AUDIT_CONTROL in the initial user namespace, as for register.

        CSES        its number, which its records have as cses=
        CONTAINER   the container's ID; NAME its name
        AUID SES    the login user and audit's session of who came in; UID PID
                    COMMAND their user, process and program then
        FROM TO     when they came in, and when the last one went; - they are there
        HOW END     by what: setns with the kinds of namespaces; late: it was found
        CREATED ... how many records of the session say so

      --records adds the records. A tracer keeps 4,096 sessions that have ended, and
      the last 128 to 256 events of each. --format json writes an object a line
      (docs/sessions.schema.json), --format none nothing. Exit status: 0 done, 65 a
      bad dump, 69 no tracer listens, 77 no permission.
      """)

  @Argument(
    help: ArgumentHelp("A dump; - is standard input.", valueName: "file"), completion: .file())
  var file: String?

  @OptionGroup(title: "What to show") var format: ReportFormatOptions
  @OptionGroup(title: "What to show") var color: ColorOptions
  @OptionGroup(title: "What to show") var sessions: SessionOptions
  @OptionGroup(title: "What to trace") var containers: ContainerOptions
  @OptionGroup(title: "What to trace") var policy: PolicyOptions
  @OptionGroup(title: "Expert") var control: ControlOptions

  func validate() throws {
    try policy.check(containers)
    if file == nil {
      guard policy.policy.isEmpty, containers.containers.value == .registered else {
        throw ValidationError("--policy and --containers need a dump: a tracer has its own")
      }
    } else if control.control != nil {
      throw ValidationError("a dump is read without a tracer: no --control")
    }
  }

  func run() throws {
    try Failure.reporting {
      if let file { return try read(file) }
      var question = ContainerQuestion(
        about: .sessions, showsRecords: sessions.records, at: control.path, as: format.format,
        on: color.terminal, hasHeading: true)
      try question.run()
    }
  }

  /// Prints the sessions of a dump, of a damaged one as far as the damage.
  private func read(_ file: String) throws {
    signal(SIGPIPE, SIG_IGN)
    var options = TrackerOptions()
    containers.apply(to: &options)
    var pipeline = Pipeline(
      from: file == "-" ? DumpSource(.standardInput) : try DumpSource(path: file),
      to: SessionLog(.none, keepsEvents: sessions.records), policy: policy.chosen,
      options: options)
    var damage: (any Error)?
    do {
      try pipeline.run()
    } catch {
      damage = error
    }
    do throws(SystemError) {
      try write(pipeline.sink)
    } catch {
      if !error.isClosedPipe { throw error }
    }
    if let damage { throw damage }
  }

  private func write(_ log: SessionLog) throws(SystemError) {
    switch format.format {
    case .json:
      try write(SessionListing(log, as: .json, showsRecords: sessions.records)) { line, _, text in
        text.append(raw: line)
        text.append("\n")
      }
    case .table:
      try write(SessionListing(log, as: .table, showsRecords: sessions.records)) {
        line, isFirst, text in
        WrappedLine(line, for: color.terminal).append(isBold: isFirst, to: &text)
      }
    case .none: break
    }
  }

  private static let pieceBytes = 1 << 16

  private func write(
    _ listing: SessionListing, _ append: ([UInt8], _ isFirst: Bool, inout TextBuffer) -> Void
  ) throws(SystemError) {
    var listing = listing
    var line = TextBuffer()
    var text = TextBuffer()
    var isFirst = true
    while listing.writeNext(to: &line) {
      append(Array(line.bytes.dropLast()), isFirst, &text)
      line.removeAll()
      isFirst = false
      guard text.count >= Self.pieceBytes else { continue }
      try FileDescriptor.standardOutput.write(text.bytes)
      text.removeAll()
    }
    try FileDescriptor.standardOutput.write(text.bytes)
  }
}
