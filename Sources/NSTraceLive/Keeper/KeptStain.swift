// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// A stain that a keeper has (T2).
struct KeptStain: Equatable {
  var stain: NamespaceStain
  /// When it came: CLOCK_BOOTTIME, nanoseconds.
  var sinceNs: UInt64

  init(_ stain: NamespaceStain, sinceNs: UInt64) {
    self.stain = stain
    self.sinceNs = sinceNs
  }

  /// - Returns: nil for one that cannot be nstrace's.
  init?(_ key: nst_keeper_stain, sinceNs: UInt64) {
    let container = ContainerID(high: key.contid_high, low: key.contid_low)
    let namespace = NamespaceID(type: key.type, inum: key.inum, nsid: key.id)
    guard let namespace, key.inum != 0, !container.isUnset else { return nil }
    self.init(NamespaceStain(container, on: namespace), sinceNs: sinceNs)
  }

  /// The record for the stream, without time and kind.
  var record: nst_stain {
    var record = nst_stain()
    record.id = stain.namespace.nsid
    record.inum = stain.namespace.inum
    record.type = UInt32(stain.namespace.kind.cloneFlag)
    (record.contid_high, record.contid_low) = (stain.container.high, stain.container.low)
    return record
  }
}

extension nst_keeper_stain {
  init(_ stain: NamespaceStain) {
    self.init(
      contid_high: stain.container.high, contid_low: stain.container.low,
      id: stain.namespace.nsid, inum: stain.namespace.inum,
      type: UInt32(stain.namespace.kind.cloneFlag))
  }
}
