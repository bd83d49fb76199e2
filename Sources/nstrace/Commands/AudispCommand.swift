// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct AudispCommand: ParsableCommand {
  static let defaultOutput = "/var/log/audit/nstrace.log"

  static let configuration = CommandConfiguration(
    commandName: "audisp",
    abstract: "Writes auditd's events with container IDs, as its plugin.",
    usage: "nstrace audisp [<options>]",
    discussion: """
      auditd starts it, by /etc/audit/plugins.d/nstrace.conf. It reads events as
      text on standard input, asks the running tracer what the process of each
      belonged to at the time of the event, and appends the events to a log, with
      CONTAINER_ID records: type=UNKNOWN[1394] ... contid=... rel=member.

        nstrace --follow --audit-joins      the tracer that answers
        ausearch -if /var/log/audit/nstrace.log -m 1394

      Without a tracer that answers within 2 s, events are written without IDs,
      counted, and once a minute the system's log says so. SIGHUP reopens the log.

      Needs CAP_AUDIT_CONTROL, and what the log needs.
      """)

  @Option(
    help: ArgumentHelp(
      "The log; mode 0600 (default: \(AudispCommand.defaultOutput)).", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "What auditd calls this host (default: its host name).", valueName: "name"))
  var node: String?

  @OptionGroup(title: "What to show") var messages: MessageOptions
  @OptionGroup var control: ControlOptions

  /// uname(2)
  private static var nodeName: String {
    var name = utsname()
    uname(&name)
    return withUnsafeBytes(of: name.nodename) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  func run() throws {
    try Failure.reporting {
      let file = try AnnotatedFile(output ?? Self.defaultOutput)
      var run = try AudispRun(to: file, control: control.path, node: node ?? Self.nodeName)
      let counts = try run.run()
      if !messages.quiet { Diagnostics.say("\(counts)") }
      if let failure = run.failure { throw failure }
    }
  }
}
