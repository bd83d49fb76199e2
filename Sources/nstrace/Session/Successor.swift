// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// The program that this process becomes.
enum Successor {
  /// Runs a command in place of this program, found as by a shell.
  /// - Throws: the exit status that env(1) has, if that fails; the reason has then been printed.
  static func run(_ command: [String]) throws(ExitCode) -> Never {
    let words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    execvp(command[0], words)
    let error = errno
    Diagnostics.fail("cannot run \(command[0]): \(SystemError.text(error))")
    throw error == ENOENT ? ExitCode(127) : ExitCode(126)
  }
}
