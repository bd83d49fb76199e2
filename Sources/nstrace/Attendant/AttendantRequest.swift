// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import NSTrace

/// A request to the attendant.
enum AttendantRequest: Equatable {
  /// Open the log for appending.
  case reopenLog
  /// Move the log to LOG.1, LOG.1 to LOG.2 and so on, and open a new one.
  case rotateLog
  /// Remove the oldest rotated log.
  case removeOldestLog
  /// Pin the keeper.
  case pinKeeper
  /// Remove the keeper's pins.
  case unpinKeeper
  /// Remove them, and leave which numbers were given.
  case restKeeper
  /// Ask how many records the kernel's audit has lost.
  case auditLost
  /// Open the file of a container's copy for appending.
  case openRoute(ContainerID)

  var kind: UInt32 {
    switch self {
    case .reopenLog: NST_ATTENDANT_REOPEN_LOG.rawValue
    case .rotateLog: NST_ATTENDANT_ROTATE_LOG.rawValue
    case .removeOldestLog: NST_ATTENDANT_REMOVE_OLDEST_LOG.rawValue
    case .pinKeeper: NST_ATTENDANT_PIN_KEEPER.rawValue
    case .unpinKeeper: NST_ATTENDANT_UNPIN_KEEPER.rawValue
    case .restKeeper: NST_ATTENDANT_REST_KEEPER.rawValue
    case .auditLost: NST_ATTENDANT_AUDIT_LOST.rawValue
    case .openRoute: NST_ATTENDANT_OPEN_ROUTE.rawValue
    }
  }

  /// The container that it names.
  var container: ContainerID {
    switch self {
    case .openRoute(let id): id
    case .reopenLog, .rotateLog, .removeOldestLog, .pinKeeper, .unpinKeeper, .restKeeper,
      .auditLost:
      .unset
    }
  }

  /// Whether the reply carries a descriptor.
  var isAnsweredByFile: Bool {
    switch self {
    case .reopenLog, .rotateLog, .openRoute: true
    case .removeOldestLog, .pinKeeper, .unpinKeeper, .restKeeper, .auditLost: false
    }
  }
}
