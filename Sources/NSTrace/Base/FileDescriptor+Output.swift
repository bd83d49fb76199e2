// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What an output needs that never waits for its file.
extension FileDescriptor {
  /// Writes as many of `bytes` as the file takes without waiting for its reader.
  /// - Returns: the number of bytes; 0: the file takes nothing now.
  /// - Throws: `SystemError`.
  func writeSome(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    while true {
      let count = unsafe nst_write_some(raw, bytes.baseAddress, bytes.count)
      if count >= 0 { return count }
      if Glibc.errno == EAGAIN { return 0 }
      guard Glibc.errno == EINTR else { throw .last("write to \(name)") }
    }
  }

  /// Waits until the file can be written to or has failed, or the time is up; -1: no limit.
  /// - Returns: whether it can be written to or has failed.
  /// - Throws: `SystemError`.
  func waitWritable(milliseconds: Int32) throws(SystemError) -> Bool {
    var fd = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
    guard unsafe poll(&fd, 1, milliseconds) >= 0 || Glibc.errno == EINTR else {
      throw .last("write to \(name)")
    }
    return fd.revents != 0
  }

  /// Cuts off the last `count` bytes, which were written here.
  /// - Returns: whether they are gone: only a regular file that still ends with them is cut.
  func cut(_ count: Int) -> Bool {
    let end = lseek(raw, 0, SEEK_CUR)
    guard let size, end == size, count <= size else { return false }
    let length = off_t(size - count)
    return ftruncate(raw, length) == 0 && lseek(raw, length, SEEK_SET) >= 0
  }

  /// The bytes that are free on its file system; nil: not known.
  var freeBytes: Int? {
    let bytes = nst_free_bytes(raw)
    return bytes >= 0 ? Int(bytes) : nil
  }
}
