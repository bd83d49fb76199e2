// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Which namespaces are shown.
struct NamespaceFilterOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only these kinds: \(Self.kinds.joined(separator: ", ")).", valueName: "kind"),
    completion: .list(Self.kinds), transform: Self.kind)
  var nstype: [ChosenValues<NamespaceKind>] = []

  @Option(
    help: ArgumentHelp("Only the namespace with this inode number.", valueName: "number"),
    transform: { try ChosenNumber($0, "inode number") })
  var ino: [ChosenNumber<UInt32>] = []

  @Option(
    help: ArgumentHelp(
      "Only the namespace with this number, which is never reused.", valueName: "number"),
    transform: { try ChosenNumber($0, "nsid") })
  var nsid: [ChosenNumber<UInt64>] = []

  func apply(to filter: inout RecordFilter) {
    filter.kinds.insert(nstype)
    filter.inodes.insert(ino)
    filter.nsids.insert(nsid)
  }

  private static var kinds: [String] { NamespaceKind.allCases.map { "\($0.name)" } }

  private static func kind(_ text: String) throws -> ChosenValues<NamespaceKind> {
    try ChosenValues(text, "kind of namespace", kinds, NamespaceKind.init(name:))
  }
}
