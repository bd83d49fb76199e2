// SPDX-License-Identifier: Apache-2.0

/// A value in memory of its own, so that a move of the box moves eight bytes.
@safe struct Box<Value: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
  private let start: UnsafeMutablePointer<Value>

  init(_ value: consuming Value) {
    unsafe start = .allocate(capacity: 1)
    unsafe start.initialize(to: value)
  }

  deinit {
    unsafe start.deinitialize(count: 1)
    unsafe start.deallocate()
  }

  var value: Value {
    @inline(__always) _read { yield unsafe start.pointee }
    @inline(__always) _modify { yield unsafe &start.pointee }
  }
}
