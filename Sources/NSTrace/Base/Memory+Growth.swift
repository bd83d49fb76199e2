// SPDX-License-Identifier: Apache-2.0

extension UnsafeMutablePointer {
  /// Memory for `room` elements with the first `count` of these. Frees this memory.
  func grown(to room: Int, keeping count: Int) -> Self {
    let larger = Self.allocate(capacity: room)
    unsafe larger.moveInitialize(from: self, count: count)
    unsafe deallocate()
    return unsafe larger
  }
}
