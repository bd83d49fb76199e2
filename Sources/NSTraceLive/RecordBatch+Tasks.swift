// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

extension RecordBatch {
  /// The number of TASK records. A walk's batch has ATTACH records between them.
  var taskCount: UInt64 {
    var count: UInt64 = 0
    withBytes { bytes in
      var offset = 0
      while offset < bytes.byteCount {
        let header = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: nst_header.self)
        offset += Int(header.size)
        if header.kind == NST_KIND_TASK.rawValue { count += 1 }
      }
    }
    return count
  }
}
