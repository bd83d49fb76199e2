// SPDX-License-Identifier: Apache-2.0

/// Why a container's registration is refused, in the order of the checks (after audit_set_contid of
/// the kernel series' version 11).
public enum RegistrationError: Int32, Error, CaseIterable, Sendable {
  /// The ID is malformed, or means unset; or it is to be taken on entry, and the policy has no tags (T10).
  case invalid = 22
  /// The caller lacks CAP_AUDIT_CONTROL in the initial user namespace (R2), or, for itself under
  /// random-only, CAP_AUDIT_WRITE (T6); or the policy allows only IDs that the tracer chooses (T6), or only those of sets of namespaces (T5).
  case notPermitted = 1
  /// The task does not exist, or has exited during the registration.
  case noSuchTask = 3
  /// The target has threads or children already (R6).
  case busy = 16
  /// The target is the caller itself (R2), or is not its descendant and the policy requires that.
  case notDescendant = 18
  /// The target is in a container already, and the policy does not nest, or the registrations are locked (T18);
  /// or it uses a stained namespace (T2); or it asks for itself inside a container (T6).
  case exists = 17
  /// The ID belongs to another owner, or to a container that has just ended; or a namespace is
  /// stained with it (T2).
  case notUnique = 76
  /// There is no room to keep another registration beyond the tracer's end.
  case noRoom = 28
  /// The walk over the tasks failed in the kernel.
  case failed = 5

  /// The error of the kernel side's result: 0 or -errno; nil: it succeeded.
  init?(result: Int32) {
    if result == 0 { return nil }
    self = result > -4096 && result < 0 ? Self(rawValue: -result) ?? .failed : .failed
  }

  /// The errno's name.
  public var name: StaticString {
    switch self {
    case .invalid: "EINVAL"
    case .notPermitted: "EPERM"
    case .noSuchTask: "ESRCH"
    case .busy: "EBUSY"
    case .notDescendant: "EXDEV"
    case .exists: "EEXIST"
    case .notUnique: "ENOTUNIQ"
    case .noRoom: "ENOSPC"
    case .failed: "EIO"
    }
  }
}

extension RegistrationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalid:
      "the container ID is not valid: give a UUID or a decimal below 18446744073709551615; "
        + "under kernel-v11 a decimal, and under xid one of 32 bits"
    case .notPermitted:
      "not permitted: the caller needs CAP_AUDIT_CONTROL in the initial user namespace, "
        + "and under the policy random-only must use --random (for itself it needs CAP_AUDIT_WRITE); "
        + "under automatic nothing is registered"
    case .noSuchTask: "there is no such process"
    case .busy:
      "the process has threads or children already: register it before it makes any, "
        + "or move all with --include-descendants"
    case .notDescendant:
      "a process cannot register itself, except alone under random-only, nor, under kernel-v11, "
        + "one that is not its descendant"
    case .exists:
      "the process is in a container already, and the policy does not nest or the registrations "
        + "are locked; or, under write-once, a namespace that it uses is stained; or, under "
        + "random-only, it is inside a container that it would leave"
    case .noRoom: "there is no room for another registration: 65,536 are kept at once"
    case .failed: "the tasks could not be walked over"
    case .notUnique:
      "the container ID belongs to another owner, or its container is just ending; "
        + "or, under write-once, it was given before"
    }
  }
}
