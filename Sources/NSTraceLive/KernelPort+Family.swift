// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
internal import NSTrace

extension KernelPort: FamilyPort {
  mutating func watchFamily(_ family: nst_family, _ isOn: Bool) {
    unsafe withUnsafePointer(to: family) { family in
      unsafe nst_probe_family_watch(probe.raw, family, isOn ? 1 : 0)
    }
  }

  var births: UInt32 { unsafe nst_probe_family_births(probe.raw) }

  var isLocked: Bool { keeper?.isLocked ?? false }

  mutating func keep(_ registration: KeptRegistration) throws(SystemError) {
    try keeper?.put(registration)
  }

  mutating func grantKept() { keeper?.grant() }

  mutating func forgetKept(_ number: UInt32) { keeper?.remove(number) }

  /// Doubles the room until the MEMBER records of the pass fit.
  mutating func pass(
    _ action: nst_family_action, _ family: nst_family
  ) throws(SystemError) -> [nst_member] {
    while true {
      var members: [nst_member] = []
      let room = memberRoom
      let result = unsafe withUnsafePointer(to: family) { family in
        unsafe withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { buffer in
          let bytes = unsafe nst_probe_family(
            probe.raw, family, action, buffer.baseAddress, buffer.count)
          if bytes > 0 {
            members = unsafe Array(buffer[..<bytes].bindMemory(to: nst_member.self))
          }
          return bytes
        }
      }
      if result >= 0 { return members }
      guard result == -Int(E2BIG), memberRoom < Self.memberRoomMax else {
        throw SystemError("walk over the tasks", errno: Int32(-result))
      }
      memberRoom *= 4
    }
  }

  /// More than 4 Mi tasks (PID_MAX_LIMIT) can need: bytes.
  private static let memberRoomMax = 1 << 28
}
