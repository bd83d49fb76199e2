// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceLive

struct KeeperCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keeper",
    abstract: "Shows, makes, locks or removes what keeps container IDs.",
    usage: "nstrace keeper [<options>] <status | make | lock | remove>",
    discussion: """
      At the first registration a tracer pins a keeper in a bpffs, so that
      container IDs outlive the tracer. docs/identity.md says what it is.

      status says what is there. make makes a keeper that stays when no container
      lives, as nstrace-keeper.service does; if another version made the one that
      is there, its program is replaced, or that fails because a tracer registers
      there. lock forbids, until reboot, to change or take back a registration, and
      to remove the keeper; containers can still be registered. remove removes it:
      the IDs of all containers end with that.

      Exit status: 0 done, 1 there is no keeper, it cannot be used, or it is
      not made or removed, 64 wrong usage, 77 no permission.
      """)

  enum Verb: String, ExpressibleByArgument, CaseIterable {
    case status, make, lock, remove
  }

  @Argument(help: "What to do.")
  var verb: Verb

  @Option(
    help: ArgumentHelp(
      "The keeper's directory (default: \(Keeper.defaultPath)).", valueName: "directory"),
    completion: .directory, transform: KeeperDirectory.parse)
  var keep: String?

  @Flag(help: "Print what libbpf does.")
  var verbose = false

  private var path: String { keep ?? Keeper.defaultPath }

  func run() throws {
    try Failure.reporting {
      switch verb {
      case .status: try show()
      case .make: KeeperWarnings.say(try Keeper.make(at: path, verbose: verbose), of: path)
      case .lock: try Keeper(existingAt: path, writes: true).lock()
      case .remove: try Keeper.remove(at: path)
      }
    }
  }

  private func show() throws {
    let keeper = try Keeper(existingAt: path)
    let counts = try keeper.counts()
    let words = try conditions(of: keeper).joined(separator: "; ")
    let age = (LiveRun.bootTimeNs - min(keeper.madeNs, LiveRun.bootTimeNs)) / 1_000_000_000
    print(
      """
      keeper in \(path), layout \(keeper.version), made \(age) s ago
      \(counted(counts.registrations, "registration"))
      \(counted(counts.sessions, "session"))
      \(counted(counts.stains, "stain"))\(damaged(counts.damaged))
      \(words)
      """)
  }

  private func counted(_ count: Int, _ noun: StaticString) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func damaged(_ count: Int) -> String { count > 0 ? "\n\(count) damaged" : "" }

  private func conditions(of keeper: Keeper) throws(KeeperError) -> [String] {
    var conditions = [
      try Keeper.hasTracer(at: path) ? "a tracer registers" : "no tracer registers"
    ]
    if keeper.isMadeToStay { conditions.append("stays when no container lives") }
    if hasOtherProgram { conditions.append("its program is another version's") }
    if keeper.isLocked { conditions.append("locked until reboot") }
    return conditions
  }

  /// Where that cannot be told, it is not said.
  private var hasOtherProgram: Bool {
    let keeper = try? Keeper(existingAt: path, writes: true)
    switch keeper?.compareProgram(verbose: verbose) {
    case .due, .locked: return true
    case .unneeded, .done, .failed, nil: return false
    }
  }
}
