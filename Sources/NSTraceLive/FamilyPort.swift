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

  /// Makes one pass over the whole family.
  /// - Returns: a MEMBER record for each task, with the number that it carries afterwards.
  /// - Throws: `SystemError` if the tasks cannot be walked over.
  mutating func pass(
    _ action: nst_family_action, _ family: nst_family
  ) throws(SystemError) -> [nst_member]
}
