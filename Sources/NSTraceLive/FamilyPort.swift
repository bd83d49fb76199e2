// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// What registrations need of the kernel: passes over a process and its descendants.
protocol FamilyPort: ~Copyable {
  /// Begins or ends a registration. Births in the family are counted meanwhile. After the first
  /// `NST_FAMILY_ALL`, a parent gets the number before its child is born.
  mutating func watchFamily(_ family: nst_family, _ isOn: Bool)

  /// How many children parents without the number have had since the registration began.
  var births: UInt32 { get }

  /// Whether no registration may be changed, replaced or taken back (T18).
  var isLocked: Bool { get }

  /// Keeps a registration beyond the tracer's end. It is under way until `grantKept()`.
  /// - Throws: `SystemError` if there is no room.
  mutating func keep(_ registration: KeptRegistration) throws(SystemError)

  /// All tasks of the registration under way have its number.
  mutating func grantKept()

  /// Removes a registration from what is kept.
  mutating func forgetKept(_ number: UInt32)

  /// Makes one pass over the whole family.
  /// - Returns: a MEMBER record for each task, with the number that it carries afterwards.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func pass(
    _ action: nst_family_action, _ family: nst_family
  ) throws(SystemError) -> [nst_member]
}
