// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
internal import NSTrace

/// The stains of namespaces (T2).
extension Keeper {
  /// All stains, the oldest first, and how many there are besides that cannot be nstrace's.
  /// - Throws: `SystemError`.
  func readStains() throws(SystemError) -> (kept: [KeptStain], damaged: Int) {
    var kept: [NamespaceStain: KeptStain] = [:]
    var damaged: Set<[UInt64]> = []
    var key = nst_keeper_stain()
    var sinceNs: UInt64 = 0
    for step in 0..<4 * Int(NST_KEEPER_STAINS) {
      switch unsafe nst_keeper_next_stain(raw, step == 0 ? 1 : 0, &key, &sinceNs) {
      case 1:
        if let stain = KeptStain(key, sinceNs: sinceNs) {
          kept[stain.stain] = stain
        } else {
          damaged.insert(key.words)
        }
      case 0: return (kept.values.sorted(by: Self.isOlder), damaged.count)
      case let result: throw SystemError("read the keeper in \(path)", errno: -result)
      }
    }
    throw SystemError("read the keeper in \(path), which changes all the time", errno: EAGAIN)
  }

  private static func isOlder(_ left: KeptStain, _ right: KeptStain) -> Bool {
    if left.sinceNs != right.sinceNs { return left.sinceNs < right.sinceNs }
    let keys = (nst_keeper_stain(left.stain).words, nst_keeper_stain(right.stain).words)
    return keys.0.lexicographicallyPrecedes(keys.1)
  }

  /// Keeps a stain.
  /// - Throws: `SystemError`; ENOSPC: there are `NST_KEEPER_STAINS`, or no memory.
  func put(_ kept: KeptStain) throws(SystemError) {
    var key = nst_keeper_stain(kept.stain)
    let result = unsafe nst_keeper_put_stain(raw, &key, kept.sinceNs)
    guard result == 0 else { throw SystemError("keep a namespace's ID", errno: -result) }
  }

  /// Removes a stain, if it is there.
  func remove(_ stain: NamespaceStain) {
    var key = nst_keeper_stain(stain)
    _ = unsafe nst_keeper_remove_stain(raw, &key)
  }
}

extension nst_keeper_stain {
  fileprivate var words: [UInt64] {
    [contid_high, contid_low, id, UInt64(type) << 32 | UInt64(inum)]
  }
}
