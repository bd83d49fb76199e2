// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

/// The program that `nstrace run` starts and traces. It has a process from the start, and executes once all of it can
/// be seen.
///
/// A class, because a run and its command share it.
final class TracedCommand {
  let name: String
  let pid: pid_t
  /// Readable once the process has ended.
  let descriptor: Int32
  /// Its exit status as a shell has it, once it has ended: 128 + N for signal N.
  private(set) var status: Int32?
  private var telling: Int32
  private var hasBegun = false

  /// Why the program could not be executed.
  struct Refusal: Error, CustomStringConvertible {
    let name: String
    let errno: Int32

    var description: String { "\(SystemError("execute \(name)", errno: errno))" }
    /// As a shell has it.
    var status: Int32 { errno == ENOENT ? 127 : 126 }
  }

  /// The status where the kernel does not say what it is.
  private static let unknown: Int32 = 1

  /// Forks the process. Call it before anything is opened, and before signals are blocked.
  /// - Parameters:
  ///   - words: the program, found in PATH, and its arguments.
  ///   - account: the user that it becomes; nil: the tracer's.
  /// - Throws: `SystemError`
  init(_ words: [String], as account: Account?) throws(SystemError) {
    name = words[0]
    var telling: Int32 = -1
    pid = Self.start(words, account, &telling)
    guard pid > 0 else { throw SystemError("start \(words[0])", errno: -pid) }
    self.telling = telling
    descriptor = nst_attendant_pidfd(pid)
  }

  private static func start(
    _ words: [String], _ account: Account?, _ telling: inout Int32
  ) -> pid_t {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment(of: account).map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    let user = account.flatMap { strdup($0.name) }
    defer { free(user) }
    return arguments.withUnsafeMutableBufferPointer { arguments in
      variables.withUnsafeMutableBufferPointer { variables in
        var command = nst_command(
          arguments: arguments.baseAddress, environment: variables.baseAddress, user: user,
          uid: account?.user ?? 0, gid: account?.group ?? 0)
        return nst_command_start(&command, &telling)
      }
    }
  }

  /// The tracer's own; with another user's home and name, as su(1) sets them.
  private static func environment(of account: Account?) -> [String] {
    var variables: [String] = []
    var next = environ
    while let text = next.pointee {
      variables.append(String(cString: text))
      next += 1
    }
    guard let account else { return variables }
    let own = ["HOME=\(account.home)", "USER=\(account.name)", "LOGNAME=\(account.name)"]
    let names = own.map { $0.prefix { $0 != "=" } + "=" }
    return variables.filter { text in !names.contains { text.hasPrefix($0) } } + own
  }

  /// Has it execute, once.
  /// - Throws: `Refusal`
  func execute() throws(Refusal) {
    if hasBegun { return }
    hasBegun = true
    let error = nst_command_execute(telling)
    guard error == 0 else { throw Refusal(name: name, errno: error) }
  }

  /// Notices that it has ended.
  func reap() {
    guard status == nil else { return }
    let result = nst_command_status(pid)
    if result != -1 { status = result < 0 ? Self.unknown : result }
  }
}
