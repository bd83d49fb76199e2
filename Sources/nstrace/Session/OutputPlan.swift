// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceQuery

/// The outputs of a run: their formats, files and filter.
struct OutputPlan {
  /// The format on standard output.
  var format = RecordFormat.none
  var terminal = TerminalStyle()
  /// The number of the first record type; nil: names on standard output, and the default in the log.
  var typeBase: UInt32?
  var filter = RecordFilter()
  /// How many events are printed at most; nil: all.
  var eventsMax: Int?
  /// Of what processes records are printed; nil: of all.
  var tree: ProcessTree?
  /// Of what processes none are printed; nil: of none.
  var excludedTree: ProcessTree?
  /// What else records have to meet; nil: nothing.
  var condition: SQLCondition?
  /// When printed events end, in the stream's time; nil: they do not.
  var period: StreamPeriod?
  /// Whether records are written to a file, and not to standard output.
  var isInFile = false
  /// The path of the audit log; nil: none.
  var log: String?
  /// Containers' copies; nil: there are none.
  var routes: RoutePlan?
  /// How much room the log of a live run may take.
  var limits = LogLimits()

  private var mainFormat: AnyFormat {
    switch format {
    case .audit: .audit(AuditLineFormat(typeBase: typeBase))
    case .json: .json(JSONLinesFormat())
    case .table: .table(TableFormat(terminal))
    case .none: .none
    }
  }

  private var trees: [TreeFilter] {
    [excludedTree.map { TreeFilter($0, isExcluding: true) }, tree.map { TreeFilter($0) }]
      .compactMap(\.self)
  }

  /// Whether every record is printed.
  var selectsAll: Bool { filter.isEmpty && trees.isEmpty && condition == nil }

  /// Says of which records --where was not answered.
  func tellFailures() {
    guard let condition, let failure = condition.failure else { return }
    Diagnostics.warn(
      "SQLite could not evaluate --where for \(condition.failures) records, which were printed: "
        + failure)
  }

  /// What reads the stream for the filters.
  var taps: [any RecordTap] {
    let taps: [(any RecordTap)?] = [tree, excludedTree, period]
    return taps.compactMap(\.self)
  }

  /// - Throws: `SystemError` if the file is a dump. It is looked into before the sandbox, which forbids
  ///   that.
  private static func refuseDump(_ log: String) throws(SystemError) {
    guard DumpSource.isDump(path: log) else { return }
    throw SystemError("append text to \(log), which is a dump: give another name", errno: EEXIST)
  }

  private var logBase: UInt32 { typeBase ?? RecordType.defaultBase }
  private var logFormat: AuditLineFormat { AuditLineFormat(typeBase: logBase) }

  /// The most bytes that wait for the reader of standard output. It has to be started by the scheduler
  /// before they are full, at 100 MB/s of text.
  static let waitingMax = 4 << 20
  /// The most bytes that wait for room on the log's disk.
  static let waitingForDiskMax = 1 << 20

  /// Opens standard output and the audit log, for writes that wait.
  /// - Throws: `SystemError` if the log or a copy cannot be opened, or the log is a dump;
  ///   `RouteFileError`.
  func open() throws -> RecordOutputs {
    var log: RecordWriter<AuditLineFormat>?
    if let path = self.log {
      try Self.refuseDump(path)
      log = RecordWriter(logFormat, to: try .appending(path))
    }
    return RecordOutputs(
      main: RecordWriter(mainFormat, to: .standardOutput), log: log, filter: filter,
      trees: trees, condition: condition, period: period, eventsMax: eventsMax,
      routes: try routes.map { try $0.routes(try $0.open(), typeBase: logBase, isPatient: true) })
  }

  /// Opens the audit log, for writes that never wait.
  /// - Parameters:
  ///   - output: standard output.
  ///   - files: the log's; read only if there is a log.
  ///   - routed: the copies'; nil: there are none.
  ///   - trail: the way into the kernel's audit trail; nil: there is none.
  /// - Throws: `SystemError` if the log or a copy cannot be opened, or the log is a dump.
  func openLive(
    _ output: consuming FileDescriptor, _ files: any LogFiles, _ routed: RoutedFiles?,
    _ trail: AuditTrail?
  ) throws(SystemError) -> RecordOutputs {
    var log: RecordWriter<AuditLineFormat>?
    if let path = self.log {
      try Self.refuseDump(path)
      log = try RecordWriter(
        logFormat, log: files, limits, waitingMax: Self.waitingForDiskMax)
    }
    var routes: Routes?
    if let routed, let plan = self.routes {
      routes = try plan.routes(routed, typeBase: logBase, isPatient: false)
    }
    return RecordOutputs(
      main: RecordWriter(mainFormat, live: output, waitingMax: Self.waitingMax), log: log,
      filter: filter, trees: trees, condition: condition, eventsMax: eventsMax, routes: routes,
      sessions: SessionLog(.live),
      messages: trail?.messages())
  }
}
