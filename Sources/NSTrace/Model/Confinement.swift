// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// What a task and its children have given up for good: new privileges at exec (prctl(2),
/// PR_SET_NO_NEW_PRIVS) and system calls (seccomp(2)). The kernel never takes either back.
package struct Confinement: Hashable, Sendable, BitwiseCopyable {
  /// 0: not known; else 1 + 2 * mode + no_new_privs.
  var code: UInt8 = 0

  /// A confinement that is not known.
  init() {}

  init(hasNoNewPrivs: Bool, seccomp: UInt16) {
    // Mode 3 is also a filter: it is killing the task.
    code = 1 + UInt8(min(seccomp, 2)) * 2 + (hasNoNewPrivs ? 1 : 0)
  }

  init(_ subject: nst_subject) {
    self.init(
      hasNoNewPrivs: subject.flags & UInt16(NST_SUBJECT_NO_NEW_PRIVS) != 0,
      seccomp: subject.seccomp)
  }

  init(_ event: nst_confined) {
    self.init(
      hasNoNewPrivs: event.flags & UInt16(NST_SUBJECT_NO_NEW_PRIVS) != 0, seccomp: event.seccomp)
  }

  /// - Parameter flags: of a FORK; before 1.4 they have no confinement.
  @inline(__always)
  init(forkFlags flags: UInt16) {
    self.init()
    guard flags & UInt16(NST_FLAG_CONFINEMENT) != 0 else { return }
    self = Confinement(
      hasNoNewPrivs: flags & UInt16(NST_FLAG_NO_NEW_PRIVS) != 0,
      seccomp: flags >> UInt16(NST_FLAG_SECCOMP_SHIFT) & 3)
  }

  package init(_ member: nst_member) {
    self.init(
      hasNoNewPrivs: member.flags & UInt32(NST_MEMBER_NO_NEW_PRIVS) != 0,
      seccomp: UInt16(member.flags >> UInt32(NST_MEMBER_SECCOMP_SHIFT) & 3))
  }

  static let codes = 7

  init(code: UInt8) { self.code = code }

  package var isKnown: Bool { code != 0 }
  package var hasNoNewPrivs: Bool { isKnown && (code - 1) & 1 != 0 }
  /// The seccomp mode: 0 none, 1 strict, 2 filter.
  package var seccomp: UInt16 { isKnown ? UInt16((code - 1) / 2) : 0 }

  /// Both confinements together: what was known before still holds.
  func joined(with other: Confinement) -> Confinement {
    guard isKnown, other.isKnown else { return isKnown ? self : other }
    return Confinement(
      hasNoNewPrivs: hasNoNewPrivs || other.hasNoNewPrivs, seccomp: max(seccomp, other.seccomp))
  }
}
