// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct RecentNumbersTests {
  @Test func `the oldest is forgotten first, and what was taken out makes no room`() {
    var numbers = RecentNumbers(limit: 3)
    for number in [1, 2, 2, 3] as [UInt32] { numbers.insert(number) }
    #expect(numbers.count == 3)
    let taken = [numbers.remove(2), numbers.remove(2)]
    #expect(taken == [true, false])
    for number in [4, 2, 5] as [UInt32] { numbers.insert(number) }
    let left = ([1, 2, 3, 4, 5] as [UInt32]).map { numbers.remove($0) }
    #expect(left == [false, true, false, true, true])
    #expect(numbers.count == 0)
  }

  @Test func `after all are forgotten it begins anew`() {
    var numbers = RecentNumbers(limit: 2)
    for number in 1...5 as ClosedRange<UInt32> { numbers.insert(number) }
    numbers.removeAll()
    #expect(numbers.count == 0)
    for number in 5...7 as ClosedRange<UInt32> { numbers.insert(number) }
    let left = ([5, 6, 7] as [UInt32]).map { numbers.remove($0) }
    #expect(left == [false, true, true])
  }
}
