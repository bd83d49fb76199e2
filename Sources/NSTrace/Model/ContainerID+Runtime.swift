// SPDX-License-Identifier: Apache-2.0

extension ContainerID {
  /// The namespace of the UUIDs that stand for runtimes' own container IDs, made once at random:
  /// a1bec856-9724-4e59-a252-f07c6abe21e2. It never changes: otherwise a container would have
  /// another ID in older recordings.
  static let runtimeNamespace = ContainerID(
    high: 0xa1be_c856_9724_4e59, low: 0xa252_f07c_6abe_21e2)

  /// The ID of a container by the runtime's own name for it, which an OCI hook receives or a
  /// cgroup's path contains. The same bytes always give the same ID.
  ///
  /// A UUID (8-4-4-4-12 hexadecimal digits, of either case) is itself, unless it means unset.
  /// Everything else, 64 hexadecimal digits as well as a name, becomes the UUID of version 5 (RFC
  /// 9562, 5.5) of these bytes under `runtimeNamespace`.
  public init(runtimeID: [UInt8]) {
    if let id = Self(uuid: runtimeID), !id.isUnset {
      self = id
    } else {
      self.init(version5: runtimeID, in: Self.runtimeNamespace)
    }
  }

  /// The namespace of the IDs of delegated containers, made once at random:
  /// bbad461f-dc2b-426b-a73e-fb90eacff050. It never changes.
  private static let delegatedNamespace = ContainerID(
    high: 0xbbad_461f_dc2b_426b, low: 0xa73e_fb90_eacf_f050)

  /// The ID of a container whose cgroup another user than root has named: a UUID of version 8 (RFC
  /// 9562, 5.8), made of the cgroup's whole path, which nests it in its owner. By its version it
  /// differs from each ID that is made of a name.
  package init(delegated path: [UInt8]) {
    self.init(version5: path, in: Self.delegatedNamespace)
    high = high & ~0xf000 | 0x8000
  }

  /// Digits alone are a runtime's name, not a number.
  private init?(uuid bytes: [UInt8]) {
    guard bytes.count == 36, bytes.contains(UInt8(ascii: "-")) else { return nil }
    self.init(String(decoding: bytes, as: UTF8.self))
  }

  /// RFC 9562, 5.5: the first 16 bytes of the SHA-1 of the namespace's 16 bytes and the name's,
  /// with version and variant set.
  init(version5 name: [UInt8], in namespace: ContainerID) {
    let digest = SHA1.digest(Self.bytes(namespace.high) + Self.bytes(namespace.low) + name)
    self.init(
      high: Self.word(digest[..<8]) & ~0xf000 | 0x5000,
      low: Self.word(digest[8..<16]) & ~(3 << 62) | 2 << 62)
  }

  private static func bytes(_ word: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
