// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The numbers of record types in audit lines.
struct NumberingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Number record types from n, for laurel and ausearch (the audit log's default: "
        + "\(RecordType.defaultBase)).", valueName: "n"))
  var typeBase: UInt32?
}

extension AuditLineFormat {
  /// - Parameter typeBase: the number of the first record type; nil: types are written by name.
  init(typeBase: UInt32?) {
    self.init(spelling: typeBase.map { .numbers(base: $0) } ?? .names)
  }
}
