// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace
import Testing

@Suite struct NamespaceSetTests {
  @Test func `a slot is the place of that number in both arrays`() {
    var set = nst_set()
    set.id = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    set.inum = (11, 12, 13, 14, 15, 16, 17, 18, 19, 20)
    for slot in NamespaceSlot.allCases {
      let number = slot.rawValue
      #expect(
        set[slot]
          == NamespaceID(kind: slot.kind, inum: UInt32(number) + 11, nsid: UInt64(number) + 1))
    }
  }

  @Test func `setting a slot changes no other`() {
    for slot in NamespaceSlot.allCases {
      let changed = nst_set.host().with(slot, 7, nsid: 9)
      #expect(changed[slot] == NamespaceID(kind: slot.kind, inum: 7, nsid: 9))
      for other in NamespaceSlot.allCases where other != slot {
        #expect(changed[other] == nst_set.host()[other])
      }
    }
  }

  @Test func `the slots are numbered as the kernel side numbers them`() {
    let numbers = [
      NST_SLOT_MNT, NST_SLOT_UTS, NST_SLOT_IPC, NST_SLOT_PID, NST_SLOT_PID_CHILDREN, NST_SLOT_USER,
      NST_SLOT_NET, NST_SLOT_CGROUP, NST_SLOT_TIME, NST_SLOT_TIME_CHILDREN,
    ].map { Int($0.rawValue) }
    let slots: [NamespaceSlot] = [
      .mnt, .uts, .ipc, .pid, .pidChildren, .user, .net, .cgroup, .time, .timeChildren,
    ]
    #expect(slots.map(\.rawValue) == numbers)
    #expect(Int(NST_SLOTS.rawValue) == NamespaceSlot.allCases.count)
  }
}
