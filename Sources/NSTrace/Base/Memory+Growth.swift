// SPDX-License-Identifier: Apache-2.0

extension UnsafeMutablePointer {
  /// Memory with that much room and the first `count` of what stands here; this one is given back.
  func grown(to room: Int, keeping count: Int) -> Self {
    let larger = Self.allocate(capacity: room)
    unsafe larger.moveInitialize(from: self, count: count)
    unsafe deallocate()
    return unsafe larger
  }
}
