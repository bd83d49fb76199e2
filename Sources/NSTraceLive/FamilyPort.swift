// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// What registrations need of the kernel: passes over a process's family.
protocol FamilyPort: ~Copyable {
  /// Begins or ends a registration. Births into the family are counted meanwhile, or, after the first
  /// `NST_FAMILY_ALL`, parents get the number before their children are born.
  mutating func watchFamily(_ family: nst_family, _ isOn: Bool)

  /// Children that the family had, since it is watched, of parents without the number.
  var births: UInt32 { get }

  /// One whole pass over the family.
  /// - Returns: its tasks, with what they carry afterwards.
  /// - Throws: `SystemError` when the tasks cannot be walked over.
  mutating func pass(
    _ action: nst_family_action, _ family: nst_family
  ) throws(SystemError) -> [nst_member]
}
