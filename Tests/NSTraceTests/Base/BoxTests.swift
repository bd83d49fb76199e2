// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct BoxTests {
  @Test func `a value is changed where it is`() {
    var box = Box([1])
    box.value.append(2)
    let moved = box
    #expect(moved.value == [1, 2])
  }

  @Test func `a value goes with its box`() {
    final class Canary: Sendable {}
    weak var inside: Canary?
    do {
      let canary = Canary()
      inside = canary
      let box = Box(canary)
      #expect(box.value === inside)
    }
    #expect(inside == nil)
  }
}
