// SPDX-License-Identifier: Apache-2.0

/// What a read of the audit socket has found, besides the messages.
struct AuditReading {
  /// No message waits any more.
  var isEmptied = true
  /// Messages found no room in the socket. They come behind all that waited, because the kernel adds none
  /// before the socket is empty.
  var isOverrun = false
}
