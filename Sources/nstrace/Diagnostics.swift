// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// What is said to the person who started nstrace: on standard error, one sentence a line.
enum Diagnostics {
  static func say(_ message: String) { write("nstrace: \(message)\n") }
  static func warn(_ message: String) { write("nstrace: warning: \(message)\n") }
  static func fail(_ message: String) { write("nstrace: error: \(message)\n") }

  /// One write(2), so that lines of several processes do not mix.
  static func write(_ line: String) {
    let bytes = Array(line.utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// Turns what the library throws into a sentence and an exit status (sysexits.h).
enum Failure {
  static let general = ExitCode(1)
  static let badDump = ExitCode(65)
  static let unavailable = ExitCode(69)
  static let noPermission = ExitCode(77)

  static func reporting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let code as ExitCode {
      throw code
    } catch {
      Diagnostics.fail("\(error)")
      throw status(of: error)
    }
  }

  static func status(of error: any Error) -> ExitCode {
    switch error {
    case let error as ProbeError:
      switch error {
      case .noPermission, .notInitialUserNamespace: return noPermission
      default: return unavailable
      }
    case is ControlClient.NoTracer: return unavailable
    case let refused as OCIHookCommand.Refused where refused.isPermission: return noPermission
    case let error as DumpError:
      if case .unreadable(let error) = error { return status(of: error) }
      return badDump
    case is WireError: return badDump
    case let error as SystemError where error.errno == EACCES || error.errno == EPERM:
      return noPermission
    default: return general
    }
  }
}
