// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
public import NSTrace

/// What has become of the program of a keeper that another version of nstrace made.
public enum KeeperRenewal: Equatable, Sendable {
  /// It is the same as this version's.
  case unneeded
  /// This version's has taken its place.
  case done
  /// It is another one, and nobody has tried to replace it.
  case due
  /// It stays, because the keeper is locked.
  case locked
  /// It stays, because this version's cannot be loaded or pinned.
  case failed(SystemError)

  /// Compares the program with this version's.
  /// - Parameter replaces: puts this version's in its place, if it is another and the keeper is not
  ///   locked. The tracer that registers may do that.
  init(of keeper: OpaquePointer, in directory: Int32, replaces: Bool = true, verbose: Bool) {
    let isLocked = unsafe nst_keeper_state(keeper).flags & UInt32(NST_KEEPER_LOCKED) != 0
    let result = unsafe nst_keeper_renew(
      keeper, directory, replaces && !isLocked ? 1 : 0, verbose ? 1 : 0)
    self =
      switch result {
      case 0: .unneeded
      case 1: isLocked ? .locked : replaces ? .done : .due
      default: .failed(SystemError("replace the keeper's program", errno: -result))
      }
  }
}
