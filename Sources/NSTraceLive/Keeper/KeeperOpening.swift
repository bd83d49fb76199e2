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
  init(_ directory: Int32, _ path: String, verbose: Bool) throws(KeeperError) {
    registers = nst_keeper_claim(directory) == 0
    if registers {
      let result = nst_keeper_finish_replacement(directory)
      guard result == 0 else { throw .unreadable(path, errno: -result) }
    }
    var status = nst_keeper_status()
    if let found = unsafe nst_keeper_find(directory, registers ? 1 : 0, &status) {
      unsafe raw = found
      if registers { unsafe renewal = KeeperRenewal(of: found, in: directory, verbose: verbose) }
      return
    }
    guard status.finding == NST_KEEPER_NONE || status.finding == NST_KEEPER_HALF else {
      throw KeeperError(path, status)
    }
    guard registers else { throw .claimed(path) }
    if status.finding == NST_KEEPER_HALF {
      // Births were missed, so its numbers say nothing any more.
      _ = nst_keeper_unpin(directory)
      replacesHalf = true
    }
    guard let made = unsafe nst_keeper_make(verbose ? 1 : 0, &status) else {
      throw KeeperError(path, status)
    }
    unsafe raw = made
  }
}
