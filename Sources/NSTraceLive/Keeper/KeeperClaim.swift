// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import Glibc

/// The open directory of a keeper, and whether this process is the one that registers there.
struct KeeperClaim {
  /// Whoever has this value closes it.
  let directory: Int32
  /// Else another process has had the claim all the time.
  let isHeld: Bool

  /// How often it is tried: for a second. Others have the claim for a moment only, to make a keeper or
  /// to remove it, or to look whether somebody has it.
  static let attempts = 20

  static func pause() { usleep(50_000) }

  /// Opens a directory, and takes the claim if it can be had.
  /// - Parameters:
  ///   - path: the directory.
  ///   - makes: whether it is made, and a bpffs at /sys/fs/bpf, if it is missing.
  ///   - wait: called before it is tried again.
  /// - Throws: `KeeperError` if the directory cannot be opened, or not claimed for another reason than
  ///   that somebody has the claim.
  static func take(
    at path: String, makes: Bool, wait: () -> Void = KeeperClaim.pause
  ) throws(KeeperError) -> KeeperClaim {
    for attempt in 1...attempts {
      let directory = try open(path, makes: makes)
      let result = unsafe nst_keeper_claim(directory, path)
      if result == 0 || result == -EWOULDBLOCK && attempt == attempts {
        return KeeperClaim(directory: directory, isHeld: result == 0)
      }
      close(directory)
      // Who had the claim may have removed the directory.
      guard result == -EWOULDBLOCK || result == -ESTALE else {
        throw .unreadable(path, errno: -result)
      }
      wait()
    }
    throw .unreadable(path, errno: ESTALE)
  }

  /// - Throws: `KeeperError`.
  static func open(_ path: String, makes: Bool) throws(KeeperError) -> Int32 {
    var status = nst_keeper_status()
    let directory = unsafe nst_keeper_open_directory(path, makes ? 1 : 0, &status)
    guard directory >= 0 else { throw KeeperError(path, status) }
    return directory
  }
}
