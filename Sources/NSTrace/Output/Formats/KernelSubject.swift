// SPDX-License-Identifier: Apache-2.0

/// Who caused an event of the kernel's audit, for the table: by its SYSCALL record, or else by its first.
struct KernelSubject {
  private(set) var uid: UInt32?
  private(set) var auid: UInt32?
  private(set) var comm: [UInt8] = []
  private(set) var exe: [UInt8] = []
  /// Whether `comm` and `exe` are those of a SYSCALL record.
  private(set) var isProgram = false
  /// The beginning of the text otherwise, or of what user space wrote.
  private(set) var words: ArraySlice<UInt8> = []

  /// About a line.
  private static let wordsMax = 128

  init(of event: borrowing KernelEvent) {
    let call = event.records.first { $0.type == KernelRecordType.syscall.number }
    guard let record = call ?? event.records.first else { return }
    var range = record.range
    var fields = KernelFields(record.range, of: KernelRecordType(record.type))
    while let field = fields.next(in: event.text.span) {
      if field.form == .message {
        range = field.value
        break
      }
      read(field, of: record, in: event.text.span)
    }
    isProgram = call != nil
    if !isProgram { words = event.text[range.prefix(Self.wordsMax)] }
  }

  private mutating func read(
    _ field: KernelField, of record: KernelEvent.Record, in text: Span<UInt8>
  ) {
    let type = KernelRecordType(record.type)
    if field.isNamed("uid", in: text) {
      uid = uid ?? field.number(in: text)
    } else if field.isNamed("auid", in: text) {
      auid = auid ?? field.number(in: text)
    } else if field.isNamed("comm", in: text) {
      comm = field.bytes(in: text, of: type)
    } else if field.isNamed("exe", in: text) {
      exe = field.bytes(in: text, of: type)
    }
  }
}
