// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A failed system call: the action, its object, and the kernel's errno.
public struct SystemError: Error, Equatable, Sendable {
  /// The action, as it continues "cannot": `write to x.nsdump`.
  public var action: String
  /// The error number: errno(3).
  public var errno: Int32

  package init(_ action: String, errno: Int32) {
    self.action = action
    self.errno = errno
  }

  /// An error with the calling thread's errno.
  package static func last(_ action: String) -> SystemError {
    SystemError(action, errno: Glibc.errno)
  }

  /// Whether the disk or the quota is full: ENOSPC, EDQUOT.
  public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT }
  /// Whether the same write may succeed later: there may be room again, or another reader.
  public var passes: Bool { [ENOSPC, EDQUOT, EFBIG, EIO, ENOMEM, EPIPE].contains(errno) }
  /// Whether the reader of a pipe has gone: EPIPE.
  public var isClosedPipe: Bool { errno == EPIPE }
}

extension SystemError: CustomStringConvertible {
  public var description: String { "cannot \(DiagnosticText.shown(action)): \(Self.text(errno))" }

  /// `EPERM` and the like, for the errors of clone, unshare and setns; `errno 5` for others.
  static func name(of errno: Int32) -> String {
    switch errno {
    case EPERM: "EPERM"
    case ESRCH: "ESRCH"
    case EINTR: "EINTR"
    case EBADF: "EBADF"
    case EAGAIN: "EAGAIN"
    case ENOMEM: "ENOMEM"
    case EFAULT: "EFAULT"
    case EBUSY: "EBUSY"
    case EEXIST: "EEXIST"
    case EINVAL: "EINVAL"
    case ENOSPC: "ENOSPC"
    case EUSERS: "EUSERS"
    case EOPNOTSUPP: "EOPNOTSUPP"
    default: "errno \(errno)"
    }
  }

  /// The errno in words, as strerror(3) has them.
  package static func text(_ errno: Int32) -> String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}
