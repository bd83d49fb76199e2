// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import CLinux
internal import NSTrace

/// What a tracer gives up once it has attached: docs/security.md.
struct PrivilegeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Become this user once attached; it opens the files, but not the socket.",
      valueName: "name"),
    transform: Account.parse)
  var user: Account?

  @Flag(
    help: "Do not drop capabilities or filter system calls (--user still changes the user).")
  var noSandbox = false

  /// Whether any of them was given.
  var isGiven: Bool { user != nil || noSandbox }

  /// CAP_DAC_OVERRIDE: a log is opened again, and the socket removed, in somebody else's directory.
  private static let keptByRoot: UInt64 = 1 << 1
  /// CAP_SYS_ADMIN: the sandbox leaves nothing to do with it but to ask whether namespaces are there.
  private static let keptToAsk: UInt64 = 1 << 21

  /// What only attaching needed goes; `SystemError` when it cannot.
  func becomeUser() throws(SystemError) { try user?.become() }

  /// Everything is open and everyone has been told: nothing else is needed from now on.
  /// - Parameters:
  ///   - reopensLog: a log may have to be opened again.
  ///   - asksNsfs: namespaces are opened by their handles.
  /// - Throws: `SystemError` when the kernel refuses.
  func confine(reopensLog: Bool, asksNsfs: Bool) throws(SystemError) {
    if noSandbox { return }
    var result = nst_keep_capabilities(Self.keptByRoot | (asksNsfs ? Self.keptToAsk : 0))
    if result == 0 { result = nst_enter_sandbox(reopensLog ? 1 : 0) }
    guard result == 0 else { throw SystemError("give up privileges", errno: -result) }
  }
}
