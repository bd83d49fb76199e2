// SPDX-License-Identifier: Apache-2.0

/// Decides by the fields of a record, as JSON has them, whether it is printed (`--where`).
package protocol RecordCondition: AnyObject {
  /// - Parameters:
  ///   - record: the record, and those of its event that have more fields of it.
  ///   - text: what the ranges of `record` are in.
  func selects(_ record: RecordLines, in text: UnsafeRawBufferPointer) -> Bool
}

/// Where the JSON objects of a record stand, and of those of its event that say more about it.
package struct RecordLines {
  /// The record's own.
  package var own: Range<Int>
  /// The SYSCALL record's; nil: there is none.
  package var call: Range<Int>?
  /// The PROCTITLE record's; nil: there is none.
  package var title: Range<Int>?
  /// The NS_INFO record's, for a registration; nil: there is none.
  package var info: Range<Int>?
  /// Whether it is a record of the kernel's audit, whose object has objects inside.
  package var isKernel = false

  package init(
    own: Range<Int>, call: Range<Int>? = nil, title: Range<Int>? = nil, info: Range<Int>? = nil,
    isKernel: Bool = false
  ) {
    self.own = own
    self.call = call
    self.title = title
    self.info = info
    self.isKernel = isKernel
  }

  /// The object that has the fields of a home.
  package subscript(home: RecordField.Home) -> Range<Int>? {
    switch home {
    case .own: own
    case .call: call
    case .title: title
    case .info: info
    }
  }
}
