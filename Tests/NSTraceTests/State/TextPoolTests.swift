// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct TextPoolTests {
  private static func retain(_ text: String, in pool: inout TextPool) -> TextPool.ID {
    var id = TextPool.ID.empty
    RecordBatch(Array(text.utf8)).withBytes { id = pool.retain($0) }
    return id
  }

  @Test func `a text is kept once`() {
    var pool = TextPool()
    let first = Self.retain("/bin/sh", in: &pool)
    let second = Self.retain("/bin/sh", in: &pool)
    let other = Self.retain("/bin/s", in: &pool)
    #expect(second == first)
    #expect(other != first)
    #expect(pool.count == 2)
    #expect(pool[first] == Array("/bin/sh".utf8))
  }

  @Test func `the empty text is not counted`() {
    var pool = TextPool()
    let id = Self.retain("", in: &pool)
    #expect(id == .empty)
    pool.retain(.empty)
    pool.release(.empty)
    #expect(pool.count == 0)
    #expect(pool[.empty] == [])
  }

  @Test func `a text is gone with its last user, and its place is used again`() {
    var pool = TextPool()
    let id = Self.retain("a", in: &pool)
    pool.retain(id)
    pool.release(id)
    #expect(pool.count == 1)
    pool.release(id)
    #expect(pool.count == 0)
    let other = Self.retain("b", in: &pool)
    #expect(other == id)
    #expect(pool[id] == Array("b".utf8))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `as a dictionary would have it`(_ seed: UInt64) {
    var random = RandomStream(seed: seed)
    var pool = TextPool()
    var truth: [String: (id: TextPool.ID, users: Int)] = [:]
    for _ in 0..<5_000 {
      let text = "\(random.below(30))"
      if random.chance(50) {
        let id = Self.retain(text, in: &pool)
        if let known = truth[text]?.id { #expect(known == id, "seed \(seed)") }
        truth[text] = (id, (truth[text]?.users ?? 0) + 1)
      } else if let (id, users) = truth[text] {
        pool.release(id)
        truth[text] = users == 1 ? nil : (id, users - 1)
      }
      #expect(pool.count == truth.count, "seed \(seed)")
    }
    #expect(truth.allSatisfy { pool[$0.value.id] == Array($0.key.utf8) }, "seed \(seed)")
  }
}
