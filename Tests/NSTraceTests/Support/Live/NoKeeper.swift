// SPDX-License-Identifier: Apache-2.0

/// Tests leave nothing in /sys/fs/bpf, and tracers that run side by side know nothing of each other:
/// a tracer that is not told where to keep container IDs keeps none.
enum NoKeeper {
  private static let live = ["--follow", "follow", "record", "--live"]
  private static let said = ["--keep", "--no-keep", "--help"]

  /// The arguments, with --no-keep behind the command if nstrace is among them.
  static func adding(to arguments: [String], of path: String) -> [String] {
    let words = [path] + arguments
    guard let program = words.firstIndex(of: BuiltProducts.nstrace),
      let command = words[program...].dropFirst().prefix(2).firstIndex(where: live.contains),
      !words.contains(where: said.contains)
    else { return arguments }
    return Array((words[...command] + ["--no-keep"] + words[(command + 1)...]).dropFirst())
  }
}
