// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// How much room the audit log of a live run may take.
struct LogLimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "When the log's disk is full (default: ignore).", valueName: "action"))
  var onFull: Choice<FullAction>?

  @Option(
    help: ArgumentHelp(
      "Begin a new log at this size, and rename the old one to FILE.1.", valueName: "size"),
    transform: ByteSize.parse)
  var logSize: ByteSize?

  @Option(
    help: ArgumentHelp("How many renamed logs to keep (default: 4).", valueName: "number"))
  var logKeep: Int?

  @Option(
    help: ArgumentHelp(
      "Leave so much of the log's disk free: with less it is full.", valueName: "size"),
    transform: ByteSize.parse)
  var logFree: ByteSize?

  var limits: LogLimits {
    var limits = LogLimits()
    limits.segmentBytes = logSize?.bytes
    limits.keep = logKeep ?? limits.keep
    limits.freeBytes = logFree?.bytes ?? 0
    limits.whenFull = onFull?.value ?? .ignore
    return limits
  }

  /// - Throws: `ValidationError` for an option without effect.
  func check(_ log: LogOptions) throws {
    let isGiven = onFull != nil || logSize != nil || logKeep != nil || logFree != nil
    if isGiven && log.auditLog == nil {
      throw ValidationError("--on-full, --log-size, --log-keep and --log-free need --audit-log")
    }
    if logSize == nil && (logKeep != nil || onFull?.value == .rotate) {
      throw ValidationError("--log-keep and --on-full rotate need --log-size")
    }
    guard logKeep.map({ (1...999).contains($0) }) ?? true else {
      throw ValidationError("--log-keep is 1 to 999")
    }
  }
}
