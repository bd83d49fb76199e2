// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import NSTrace

/// The privileges that a tracer gives up once it has attached (docs/security.md).
struct PrivilegeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Become this user once attached; with run: the program does.",
      valueName: "name"),
    transform: Account.parse)
  var user: Account?

  @Flag(
    help: "Do not drop capabilities or filter system calls (--user still changes the user).")
  var noSandbox = false

  /// Whether any of them was given.
  var isGiven: Bool { user != nil || noSandbox }

  /// CAP_DAC_READ_SEARCH, to list cgroups whose owner has closed them.
  private static let keptByRoot: UInt64 = 1 << 2
  /// CAP_SYS_ADMIN, to ask whether a namespace exists. The sandbox allows no other use of it.
  private static let keptToAsk: UInt64 = 1 << 21
  /// CAP_DAC_OVERRIDE, to open root's keeper.
  private static let openingKeeper: UInt64 = 1 << 1

  /// - Throws: `ValidationError` if `user` is root, whom nothing is taken from.
  func checkUser() throws {
    if user?.user == 0 { throw ValidationError("--user names root: leave it out") }
  }

  /// Becomes `user`, if one was given.
  /// - Throws: `SystemError` if the kernel refuses.
  func becomeUser() throws(SystemError) { try user?.become() }

  /// Gives up what a tracer that is not root needs to open root's keeper, and nothing else. Call it
  /// before other files are opened.
  /// - Throws: `SystemError` if the kernel refuses.
  func leaveKeeperOpen() throws(SystemError) {
    if noSandbox || geteuid() == 0 { return }
    let result = nst_keep_capabilities(~Self.openingKeeper)
    guard result == 0 else { throw SystemError("give up privileges", errno: -result) }
  }

  /// Drops capabilities and enters the sandbox. Call it last: no file can be opened afterwards.
  /// - Parameters:
  ///   - directories: descriptors of the directories beneath which directories can be listed.
  ///   - asksNsfs: keeps the capability to open namespaces by their handles.
  ///   - keeps: lets the values of open maps be read and written, those of a keeper among them.
  /// - Throws: `SystemError` if the kernel refuses.
  func confine(
    listing directories: [Int32], asksNsfs: Bool, keeps: Bool
  ) throws(SystemError) {
    if noSandbox { return }
    let kept = geteuid() == 0 ? Self.keptByRoot : 0
    var result = nst_keep_capabilities(kept | (asksNsfs ? Self.keptToAsk : 0))
    if result == 0 { result = nst_enter_sandbox(directories, directories.count, keeps ? 1 : 0) }
    guard result == 0 else { throw SystemError("give up privileges", errno: -result) }
  }
}
