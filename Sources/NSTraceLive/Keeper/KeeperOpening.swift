// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import Glibc

/// A keeper that was found in a directory, or made for it.
@safe
struct KeeperOpening {
  let raw: OpaquePointer
  let registers: Bool
  var replacesHalf = false
  var renewal = KeeperRenewal.unneeded

  /// - Throws: `KeeperError` if there is one that cannot be used, or none and another tracer has the
  ///   claim.
  init(_ claim: KeeperClaim, _ path: String, verbose: Bool) throws(KeeperError) {
    let directory = claim.directory
    registers = claim.isHeld
    if registers {
      let result = nst_keeper_finish_replacement(directory)
      guard result == 0 else { throw .unreadable(path, errno: -result) }
    }
    var status = nst_keeper_status()
    if let found = unsafe Self.find(claim, &status) {
      unsafe raw = found
      if registers { unsafe renewal = KeeperRenewal(of: found, in: directory, verbose: verbose) }
      return
    }
    let isThere = status.finding != NST_KEEPER_NONE && !status.isHalf
    if isThere && (registers || !status.isPassing) { throw KeeperError(path, status) }
    guard registers else { throw .claimed(path) }
    replacesHalf = status.isHalf
    unsafe nst_keeper_read_rest(directory, &status)
    guard let made = unsafe nst_keeper_make(verbose ? 1 : 0, &status) else {
      throw KeeperError(path, status)
    }
    unsafe nst_keeper_begin_behind(made, &status)
    if replacesHalf, unsafe Self.clear(directory, for: made, status) != 0 {
      unsafe nst_keeper_close(made)
      throw .half(path)
    }
    unsafe raw = made
  }

  /// Removes a half keeper: births were missed, so what it says of processes is wrong. That numbers were
  /// given stays known.
  private static func clear(
    _ directory: Int32, for made: OpaquePointer, _ status: nst_keeper_status
  ) -> Int32 {
    if status.last_session == 0 { return nst_keeper_clear(directory) }
    return unsafe nst_keeper_rest(made, directory)
  }

  /// The keeper that is there. What another tracer pins, replaces or removes just now is looked at again.
  private static func find(
    _ claim: KeeperClaim, _ status: inout nst_keeper_status
  ) -> OpaquePointer? {
    for _ in 1..<KeeperClaim.attempts {
      let found = unsafe nst_keeper_find(claim.directory, claim.isHeld ? 1 : 0, &status)
      if unsafe found != nil || claim.isHeld || !status.isPassing { return unsafe found }
      KeeperClaim.pause()
    }
    return unsafe nst_keeper_find(claim.directory, claim.isHeld ? 1 : 0, &status)
  }
}

extension nst_keeper_status {
  fileprivate var isHalf: Bool { finding == NST_KEEPER_HALF }

  /// Whether a keeper is like that for a moment while a tracer changes its pins.
  fileprivate var isPassing: Bool { isHalf || finding == NST_KEEPER_FOREIGN }
}
