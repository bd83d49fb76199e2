// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTraceLive

/// Whether container IDs outlive the tracer, and where they are kept.
struct KeeperOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep container IDs here beyond the end (default: \(Keeper.defaultPath)).",
      valueName: "directory"),
    completion: .directory, transform: KeeperDirectory.parse)
  var keep: String?

  @Flag(help: "Let container IDs end with this tracer.")
  var noKeep = false

  /// Whether any of them was given.
  var isGiven: Bool { keep != nil || noKeep }

  func validate() throws {
    guard keep == nil || !noKeep else {
      throw ValidationError("--keep and --no-keep exclude each other")
    }
  }

  /// Opens the keeper, or makes one.
  /// - Returns: nil with --no-keep; without --keep nil also if it cannot be used, and why. A tracer then
  ///   goes on, and registers only if certainly no keeper is there (`KeeperError.leavesRegistrations`).
  /// - Throws: `KeeperError` if it cannot be used with --keep.
  func open(verbose: Bool) throws(KeeperError) -> (keeper: Keeper?, failure: KeeperError?) {
    if noKeep { return (nil, nil) }
    do throws(KeeperError) {
      return (try Keeper(at: keep ?? Keeper.defaultPath, verbose: verbose), nil)
    } catch {
      guard keep == nil else { throw error }
      return (nil, error)
    }
  }
}
