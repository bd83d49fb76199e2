// SPDX-License-Identifier: Apache-2.0

/// A value in memory of its own: whoever gets the box gets the value, and eight bytes are moved.
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
