// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

@Suite struct SubjectTableTests {
  private static func subject(_ uid: Int) -> nst_subject {
    var subject = nst_subject()
    subject.uid = UInt32(uid)
    return subject
  }

  private static func insert(
    _ uid: Int, _ exe: String, into table: inout SubjectTable
  ) -> SubjectTable.ID {
    let bytes = Array(exe.utf8)
    var id = SubjectTable.ID.unknown
    RecordBatch(bytes).withBytes { id = table.insert(subject(uid), exe: $0) }
    return id
  }

  @Test func `of the unknown subject nothing is known`() {
    var table = SubjectTable()
    table.retain(.unknown)
    table.release(.unknown)
    #expect(table[.unknown] == nil)
    #expect(table.exe(of: .unknown) == [])
    #expect(table.count == 0)
  }

  @Test func `a subject stays until its last user`() {
    var table = SubjectTable()
    let id = Self.insert(5, "/bin/sh", into: &table)
    table.retain(id)
    table.release(id)
    #expect(table.count == 1)
    #expect(table[id]?.uid == 5)
    #expect(table.exe(of: id) == Array("/bin/sh".utf8))
    table.release(id)
    #expect(table.count == 0)
  }

  @Test func `a program outlives the subject it was taken over from`() {
    var table = SubjectTable()
    let old = Self.insert(5, "/bin/sh", into: &table)
    let new = table.insert(Self.subject(6), sameProgramAs: old)
    table.release(old)
    let next = Self.insert(7, "/bin/true", into: &table)
    #expect(table.exe(of: new) == Array("/bin/sh".utf8))
    #expect(table.exe(of: next) == Array("/bin/true".utf8))
    let bare = table.insert(Self.subject(8), sameProgramAs: .unknown)
    #expect(table.exe(of: bare) == [])
  }

  @Test func `marks go with the program, and what is deleted stays so`() {
    var table = SubjectTable()
    var (id, deleted) = (SubjectTable.ID.unknown, Self.subject(5))
    deleted.flags = UInt16(NST_SUBJECT_EXE_DELETED)
    RecordBatch(Array("/x".utf8)).withBytes { id = table.insert(Self.subject(5), exe: $0, .cut) }
    #expect(table.exeMarks(of: .unknown) == [])
    #expect(table.exeMarks(of: id) == .cut)
    let isUpdated = table.update(id, deleted, in: CgroupPlace())
    #expect(isUpdated)
    #expect(table.exeMarks(of: id) == [.cut, .deleted])
    let isUpdatedAgain = table.update(id, Self.subject(6), in: CgroupPlace())
    #expect(isUpdatedAgain)
    #expect(table.exeMarks(of: id) == [.cut, .deleted])
    let other = table.insert(Self.subject(7), sameProgramAs: id)
    #expect(table.exeMarks(of: other) == [.cut, .deleted])
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var table = SubjectTable()
    var truth: [SubjectTable.ID: (uid: Int, exe: String, users: Int)] = [:]
    var ids: [SubjectTable.ID] = []
    for uid in 0..<3_000 {
      let some = ids.isEmpty ? nil : random.pick(ids)
      switch random.below(4) {
      case 0:
        let exe = random.chance(20) ? "" : "/bin/\(random.below(7))"
        let id = Self.insert(uid, exe, into: &table)
        truth[id] = (uid, exe, 1)
        ids.append(id)
      case 1:
        let id = table.insert(Self.subject(uid), sameProgramAs: some ?? .unknown)
        truth[id] = (uid, some.flatMap { truth[$0]?.exe } ?? "", 1)
        ids.append(id)
      case 2:
        guard let some else { continue }
        table.retain(some)
        truth[some]?.users += 1
      default:
        guard let some, let users = truth[some]?.users else { continue }
        table.release(some)
        truth[some]?.users = users - 1
        if users == 1 {
          truth[some] = nil
          ids.removeAll { $0 == some }
        }
      }
      #expect(table.count == truth.count, "seed \(seed)")
    }
    for (id, entry) in truth {
      #expect(table[id]?.uid == UInt32(entry.uid), "seed \(seed)")
      #expect(table.exe(of: id) == Array(entry.exe.utf8), "seed \(seed)")
      #expect(table.users(of: id) == entry.users, "seed \(seed)")
    }
  }
}
