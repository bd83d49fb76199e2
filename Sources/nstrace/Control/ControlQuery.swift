// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The request `{"op":"containers"}`, `{"op":"tree"}` or `{"op":"sessions"}`, with `"format":"table"` for
/// text; of sessions with `"records":true` their records, too.
///
/// The answer is an object a line, `{"type":…}` or `{"text":…}`, and `{"ok":true}` at the end.
struct ControlQuery: Codable {
  enum Subject: String, Codable {
    case containers, tree, sessions
  }

  var op: Subject
  /// nil means json.
  var format: ContainerFormat?
  /// nil means false.
  var records: Bool?

  /// T13: a process that may not set IDs may not read them, either.
  static let notPermitted = ControlReply.Refusal(
    name: "EPERM",
    message:
      "reading container IDs needs CAP_AUDIT_CONTROL in the initial user namespace: ask as root")

  /// The answer, by the state at this moment.
  /// - Parameters:
  ///   - sessions: those of the run.
  ///   - nowNs: CLOCK_BOOTTIME.
  func answer<Sink: TrackerSink & ~Copyable>(
    from tracker: borrowing Tracker<Sink>, _ sessions: SessionLog?, nowNs: UInt64
  ) -> any LineMaker {
    let format = format ?? .json
    switch op {
    case .containers:
      return Self.lines(ContainerListing(tracker, as: format, nowNs: nowNs), format)
    case .tree:
      return Self.lines(ContainerTreeListing(tracker, as: format, nowNs: nowNs), format)
    case .sessions:
      let log = sessions ?? SessionLog(.none)
      return Self.lines(
        SessionListing(log, as: format, showsRecords: records ?? false), format)
    }
  }

  private static func lines(_ lines: some LineMaker, _ format: ContainerFormat) -> any LineMaker {
    switch format {
    case .json: lines
    case .table: QuotedLines(lines)
    }
  }
}
