// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A descriptor that stands for a process, closed with its last owner.
final class Pidfd {
  private let descriptor: Int32

  /// Takes over a pidfd.
  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Whether the process has ended. Its number may be another one's then.
  var hasEnded: Bool {
    var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&end, 1, 0) != 0
  }
}
