// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// What is printed, and how.
struct OutputOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case audit, json, table, none
  }

  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(
    help: ArgumentHelp(
      "How records are written (default: table on a terminal, audit elsewhere)."))
  var format: Format?

  @Option(
    help: ArgumentHelp(
      "Append the records there too, all of them, for ausearch -if.", valueName: "file"))
  var auditLog: String?

  @Option(
    help: ArgumentHelp(
      "Number record types from there on, for laurel and ausearch, also with --format audit "
        + "(the audit log: \(RecordType.defaultBase)).", valueName: "n"))
  var typeBase: UInt32?

  @Option(
    name: [.long, .customShort("p")],
    help: ArgumentHelp("Only records by or about this process or thread.", valueName: "pid"))
  var pid: [UInt32] = []

  @Option(
    help: ArgumentHelp(
      "Only this kind: mnt, uts, ipc, pid, user, net, cgroup or time.",
      valueName: "kind"), transform: OutputOptions.kind)
  var nstype: [NamespaceKind] = []

  @Option(
    help: ArgumentHelp(
      "Only this operation: clone, clone3, unshare, setns, exec, exit, late, resync, "
        + "assign or release.",
      valueName: "op"), transform: OutputOptions.operation)
  var op: [NSTrace.Operation] = []

  @Option(
    help: ArgumentHelp(
      "Only records that name this container: a UUID or a decimal.", valueName: "id"),
    transform: OutputOptions.containerID)
  var contid: [ContainerID] = []

  @Flag(help: "Leave out what the kernel refused.")
  var noFailed = false

  @Flag(
    help: "Say of each creation and change by which set of namespaces it is followed (nshash=).")
  var nshash = false

  @Flag(help: "Tell of containers as of virtual machines, too, for auvirt and ausearch -vm.")
  var virt = false

  @Flag(help: "End with status 1 when records were lost, as NS_LOST says.")
  var strict = false

  @Option(help: "Colours: auto, always or never.")
  var color: Color = .auto

  @Flag(name: .shortAndLong, help: "No messages on standard error but errors.")
  var quiet = false

  func validate() throws {
    if let auditLog, ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(auditLog) {
      throw ValidationError(
        "--audit-log writes a file: for standard output use --format audit --type-base "
          + "\(RecordType.defaultBase)")
    }
  }

  private static func kind(_ name: String) throws -> NamespaceKind {
    guard let kind = NamespaceKind(name: name) else {
      throw ValidationError("'\(name)' is no kind of namespace")
    }
    return kind
  }

  private static func operation(_ name: String) throws -> NSTrace.Operation {
    guard let operation = NSTrace.Operation(name: name) else {
      throw ValidationError("'\(name)' is no operation")
    }
    return operation
  }

  private static func containerID(_ text: String) throws -> ContainerID {
    guard let id = ContainerID(text), !id.isUnset else {
      throw ValidationError("'\(text)' is no container ID")
    }
    return id
  }

  var chosenFormat: Format {
    format ?? (isatty(STDOUT_FILENO) == 1 ? .table : .audit)
  }

  /// What tables are written for.
  var terminal: TerminalStyle { Terminal.style(color) }

  /// On standard output: types by name, unless somebody wants numbers.
  var auditFormat: AuditLineFormat {
    AuditLineFormat(spelling: typeBase.map { .numbers(base: $0) } ?? .names)
  }

  private var writerFormat: AnyFormat {
    switch chosenFormat {
    case .audit: .audit(auditFormat)
    case .json: .json(JSONLinesFormat())
    case .table: .table(TableFormat(terminal))
    case .none: .none
    }
  }

  /// Whether not all records are wanted.
  var choosesRecords: Bool { !filter.isEmpty }

  private var filter: RecordFilter {
    var filter = RecordFilter()
    filter.pids = Set(pid)
    filter.kinds = Set(nstype)
    filter.operations = Set(op)
    filter.containerIDs = Set(contid)
    filter.includesRefused = !noFailed
    return filter
  }

  /// Whether so many lost records are one too many.
  func isBroken(byLoss lost: UInt64) -> Bool { strict && lost > 0 }

  func trackerOptions(_ containers: ContainerOptions?) -> TrackerOptions {
    var options = TrackerOptions(identifiesSets: nshash, tellsLifecycle: virt)
    containers?.apply(to: &options)
    return options
  }

  func openLog() throws(SystemError) -> FileDescriptor? {
    guard let auditLog else { return nil }
    return try .appending(auditLog)
  }

  /// Standard output, and the audit log if one was asked for.
  /// - Parameter interrupt: readable when there is no time any more to wait for a reader.
  func open(interruptedBy interrupt: Int32 = -1) throws(SystemError) -> RecordOutputs {
    var log: RecordWriter<AuditLineFormat>?
    if let file = try openLog() {
      let base = typeBase ?? RecordType.defaultBase
      log = RecordWriter(AuditLineFormat(spelling: .numbers(base: base)), to: file)
    }
    return RecordOutputs(
      main: RecordWriter(writerFormat, to: .standardOutput(interruptedBy: interrupt)),
      log: log, filter: filter)
  }
}
