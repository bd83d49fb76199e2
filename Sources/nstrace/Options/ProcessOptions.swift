// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// Of which processes records are printed.
struct ProcessOptions: ParsableArguments {
  @Option(
    name: [.long, .customShort("p")],
    help: ArgumentHelp(
      "Only records by or about this process or thread, and its descendants.", valueName: "pid"),
    transform: { try ChosenNumber($0, "process") })
  var pid: [ChosenNumber<UInt32>] = []

  @Flag(help: "With --pid: without its descendants.")
  var only = false

  /// The processes alone, with --only.
  var alone: [ChosenNumber<UInt32>] { only ? pid : [] }

  /// The processes of --pid and their descendants; nil: --pid was not given, or --only too.
  var tree: ProcessTree? { tree(isExcluded: false) }

  /// Those behind `!` and their descendants.
  var excludedTree: ProcessTree? { tree(isExcluded: true) }

  private func tree(isExcluded: Bool) -> ProcessTree? {
    let numbers = pid.filter { $0.isExcluded == isExcluded }.map(\.number)
    return numbers.isEmpty || only ? nil : ProcessTree(of: Set(numbers))
  }

  /// Some process of --pid does not exist.
  struct NoProcess: Error, CustomStringConvertible {
    let pid: UInt32
    let place: String
    var description: String { "no process \(pid) \(place): nothing of it can be shown" }
  }

  /// - Throws: `NoProcess` for the least of these processes, if there are any.
  static func refuse(_ missing: Set<UInt32>, _ place: String) throws(NoProcess) {
    if let pid = missing.min() { throw NoProcess(pid: pid, place: place) }
  }

  /// - Throws: `NoProcess` if one of --pid does not run.
  func check() throws(NoProcess) {
    let missing = pid.filter { !$0.isExcluded }.map(\.number)
      .filter { kill(pid_t(truncatingIfNeeded: $0), 0) != 0 && errno == ESRCH }
    try Self.refuse(Set(missing), "runs")
  }

  func validate() throws {
    if only && pid.isEmpty { throw ValidationError("--only needs --pid: whose records are meant?") }
  }
}
