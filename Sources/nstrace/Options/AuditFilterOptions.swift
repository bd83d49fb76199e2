// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Filters as auditctl(8) has them: by container, record type and key.
struct AuditFilterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Leave out records and audit events of this container.", valueName: "id"),
    transform: Self.container)
  var notContid: [String] = []

  @Option(
    help: ArgumentHelp("Only events that have a record of this type.", valueName: "type"),
    transform: Self.type)
  var type: [String] = []

  @Option(
    help: ArgumentHelp("Leave out records of this type.", valueName: "type"),
    transform: Self.type)
  var notType: [String] = []

  @Option(help: ArgumentHelp("Only audit events of rules with this key.", valueName: "key"))
  var key: [String] = []

  @Option(help: ArgumentHelp("Leave out audit events of rules with this key.", valueName: "key"))
  var notKey: [String] = []

  func apply(to filter: inout RecordFilter) {
    for name in notContid { _ = filter.excludedContainers.insert(name) }
    for name in type { _ = filter.types.insert(name) }
    for name in notType { _ = filter.excludedTypes.insert(name) }
    filter.keys = key.map { Array($0.utf8) }
    filter.excludedKeys = notKey.map { Array($0.utf8) }
  }

  /// - Throws: `ValidationError` if the text names no container.
  static func container(_ text: String) throws -> String {
    var choice = ContainerChoice()
    guard choice.insert(text) else {
      throw ValidationError(
        "'\(text)' is no container: give its ID, its name, or the beginning of a name or UUID")
    }
    return text
  }

  private static func type(_ text: String) throws -> String {
    var choice = RecordTypeChoice()
    guard choice.insert(text) else {
      throw ValidationError(
        "'\(text)' is no type of records: give a name as type= has it, or UNKNOWN[1394]")
    }
    return text
  }
}
