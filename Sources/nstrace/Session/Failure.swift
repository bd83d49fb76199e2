// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// Turns an error into a message and an exit status (sysexits.h).
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
      case .noBTF, .noHook, .noFentry, .ftraceIsOff, .lockedDown, .notInitialPIDNamespace,
        .notInitialTimeNamespace, .cgroupsHidden, .cannotLoad, .cannotAttach:
        return unavailable
      }
    case AuditError.noPermission: return noPermission
    case AuditError.failed(let error): return status(of: error)
    case is AuditError: return unavailable
    case is ControlClient.NoTracer: return unavailable
    case let error as AuditSenderError: return error.isPermission ? noPermission : unavailable
    case KeeperError.unreadable(_, let errno) where errno == EACCES || errno == EPERM,
      KeeperError.notMade(_, let errno) where errno == EACCES || errno == EPERM,
      KeeperError.notRemoved(_, let errno) where errno == EACCES || errno == EPERM:
      return noPermission
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
