// SPDX-License-Identifier: Apache-2.0

import CBPF
import CNSWire
import Glibc
import NSTrace

@testable import NSTraceLive

extension ScriptedPort: FamilyPort {
  func watchFamily(_ family: nst_family, _ isOn: Bool) {
    isWatched = isOn
    if isOn { births = 0 }
  }

  func pass(_ action: nst_family_action, _ target: nst_family) throws(SystemError) -> [nst_member] {
    passes.append(action.rawValue)
    come(to: .pass(action.rawValue))
    if let walkError { throw walkError }
    switch action {
    case NST_FAMILY_TARGET: give(target) { $0.isTarget }
    case NST_FAMILY_ALL: give(target) { $0.container == target.previous }
    case NST_FAMILY_NONE: return takeBack(target)
    case NST_FAMILY_CALLER: return target.container == effectiveUser ? family : incapable
    default: break
    }
    return family
  }

  func keep(_ registration: KeptRegistration) throws(SystemError) {
    if let keepError { throw keepError }
    forgetKept(registration.number)
    guard keptRegistrations.count < keepLimit else {
      throw SystemError("keep a registration", errno: ENOSPC)
    }
    keptRegistrations.append(registration)
    keptUnderWay = registration.number
    keptChanges += 1
  }

  func grantKept() {
    keptUnderWay = nil
    keptChanges += 1
  }

  func forgetKept(_ number: UInt32) {
    keptRegistrations.removeAll { $0.number == number }
    if keptUnderWay == number { keptUnderWay = nil }
    keptChanges += 1
  }

  private func give(_ target: nst_family, where isMeant: (nst_member) -> Bool) {
    for index in family.indices where isMeant(family[index]) {
      family[index].container = target.container
    }
  }

  private var incapable: [nst_member] {
    family.map { member in
      var member = member
      member.flags = UInt32(NST_MEMBER_TARGET)
      return member
    }
  }

  private func takeBack(_ target: nst_family) -> [nst_member] {
    let places = family.indices.filter { family[$0].container == target.container }
    for index in places { family[index].container = target.previous }
    return places.map { family[$0] }
  }

  /// Adds a task to the family.
  /// - Parameters:
  ///   - tgid: the thread group; nil: the task leads its own.
  ///   - turn: which of the tasks with its tid it is, from 0.
  func bear(
    _ tid: UInt32, flags: Int32 = NST_MEMBER_DESCENDANT, carrying number: UInt32 = 0,
    tgid: UInt32? = nil, turn: UInt64 = 0
  ) {
    var member = nst_member()
    member.task = nst_task_id(start_ns: UInt64(tid % 10) + turn * 10, tid: tid, tgid: tgid ?? tid)
    member.flags = UInt32(flags)
    member.container = number
    family.append(member)
  }
}
