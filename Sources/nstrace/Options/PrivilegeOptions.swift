// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CLinux
internal import NSTrace

/// The privileges that a tracer gives up once it has attached (docs/security.md).
struct PrivilegeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Become this user once attached. It opens the files, but not the socket.",
      valueName: "name"),
    transform: Account.parse)
  var user: Account?

  @Flag(
    help: "Do not drop capabilities or filter system calls (--user still changes the user).")
  var noSandbox = false

  /// Whether any of them was given.
  var isGiven: Bool { user != nil || noSandbox }

  /// CAP_DAC_OVERRIDE, to reopen the log and to remove the socket in another user's directory.
  private static let keptByRoot: UInt64 = 1 << 1
  /// CAP_SYS_ADMIN, to ask whether a namespace exists. The sandbox allows no other use of it.
  private static let keptToAsk: UInt64 = 1 << 21

  /// Becomes `user`, if one was given.
  /// - Throws: `SystemError` if the kernel refuses.
  func becomeUser() throws(SystemError) { try user?.become() }

  /// Drops capabilities and enters the sandbox. Call it last: no file can be opened afterwards.
  /// - Parameters:
  ///   - reopensLog: allows to open the log again.
  ///   - asksNsfs: allows to open namespaces by their handles.
  /// - Throws: `SystemError` if the kernel refuses.
  func confine(reopensLog: Bool, asksNsfs: Bool) throws(SystemError) {
    if noSandbox { return }
    var result = nst_keep_capabilities(Self.keptByRoot | (asksNsfs ? Self.keptToAsk : 0))
    if result == 0 { result = nst_enter_sandbox(reopensLog ? 1 : 0) }
    guard result == 0 else { throw SystemError("give up privileges", errno: -result) }
  }
}
