// SPDX-License-Identifier: Apache-2.0

/// Text that is written in place, without String, and without allocation once the buffer has grown.
///
/// Every append first makes room and then writes behind a plain pointer. An array's own append
/// checks bounds, owner and room for each byte, which was most of the cost of a record. A method
/// that takes a literal is always inlined, so that the length is a constant and the copy a word or
/// two. The buffer cannot be copied, so no other code has its memory.
@safe package struct TextBuffer: ~Copyable, @unchecked Sendable {
  private var start: UnsafeMutablePointer<UInt8>
  private var room = 1 << 8
  package private(set) var count = 0
  /// The number of records that `endRecord` has ended, those that were removed included.
  package private(set) var records: UInt64 = 0

  package init() { unsafe start = .allocate(capacity: room) }

  deinit { unsafe start.deallocate() }

  /// A copy of the text.
  package var bytes: [UInt8] { unsafe withBytes { unsafe Array($0) } }

  /// Gives the text without a copy.
  package borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
  }

  package mutating func removeAll() { count = 0 }

  /// A pointer to the end of the text, with room for `bytes` more bytes.
  @inline(__always)
  private mutating func place(for bytes: Int) -> UnsafeMutablePointer<UInt8> {
    if room - count < bytes { grow(by: bytes) }
    return unsafe start + count
  }

  @inline(never)
  private mutating func grow(by bytes: Int) {
    room = max(count + bytes, room * 2)
    unsafe start = start.grown(to: room, keeping: count)
  }

  /// Appends ASCII unchanged.
  @inline(__always)
  package mutating func append(_ text: StaticString) {
    let place = unsafe place(for: text.utf8CodeUnitCount)
    count += unsafe Self.put(text, at: place)
  }

  /// Appends a name and its number, the main part of a record, with one check for room.
  @inline(__always)
  package mutating func append(_ name: StaticString, decimal value: UInt64) {
    let place = unsafe place(for: name.utf8CodeUnitCount + Self.decimalDigitsMax)
    let length = unsafe Self.put(name, at: place)
    count += unsafe length + Self.put(decimal: value, at: place + length)
  }

  /// Appends a name and its number in quotes, as `append(_:decimal:)` does without them.
  @inline(__always)
  package mutating func append(_ name: StaticString, quoted value: UInt64) {
    let place = unsafe place(for: name.utf8CodeUnitCount + 2 + Self.decimalDigitsMax)
    var length = unsafe Self.put(name, at: place)
    unsafe place[length] = UInt8(ascii: "\"")
    length += unsafe 1 + Self.put(decimal: value, at: place + length + 1)
    unsafe place[length] = UInt8(ascii: "\"")
    count += length + 1
  }

  /// Appends a key of a JSON object, not its first: `,"name":`.
  @inline(__always)
  package mutating func append(key name: StaticString) {
    let place = unsafe place(for: name.utf8CodeUnitCount + 4)
    count += unsafe Self.put(key: name, at: place)
  }

  /// Appends a key of a JSON object, not its first, and its number: `,"name":1`.
  @inline(__always)
  package mutating func append(key name: StaticString, decimal value: UInt64) {
    let place = unsafe place(for: name.utf8CodeUnitCount + 4 + Self.decimalDigitsMax)
    let length = unsafe Self.put(key: name, at: place)
    count += unsafe length + Self.put(decimal: value, at: place + length)
  }

  /// Appends the end of a record, whose last byte is a newline, and counts the record.
  @inline(__always)
  package mutating func endRecord(_ end: StaticString = "\n") {
    append(end)
    records &+= 1
  }

  /// Appends a String. Literals take the overload without one.
  @_disfavoredOverload
  package mutating func append(_ text: String) { append(raw: Array(text.utf8)) }

  /// Appends the text of `make`, or a copy of it from the range `made`: it is the same in each
  /// record of an event.
  @inline(__always)
  mutating func append(once made: inout Range<Int>?, _ make: (inout TextBuffer) -> Void) {
    if let made { return append(copyOf: made) }
    let first = count
    make(&self)
    made = first..<count
  }

  private mutating func append(copyOf range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let place = unsafe place(for: range.count)
    unsafe place.update(from: start + range.lowerBound, count: range.count)
    count += range.count
  }

  package mutating func append(byte: UInt8) {
    let place = unsafe place(for: 1)
    unsafe place.pointee = byte
    count += 1
  }

  package mutating func append(raw text: some Collection<UInt8>) {
    // Nearly always contiguous.
    let isDone: Void? = text.withContiguousStorageIfAvailable { text in
      guard let start = text.baseAddress else { return }
      let place = unsafe place(for: text.count)
      unsafe place.update(from: start, count: text.count)
      count += text.count
    }
    guard isDone == nil else { return }
    for byte in text { append(byte: byte) }
  }

  package mutating func append(raw text: Span<UInt8>) {
    unsafe text.withUnsafeBufferPointer { text in
      guard let start = text.baseAddress else { return }
      let place = unsafe place(for: text.count)
      unsafe place.update(from: start, count: text.count)
      count += text.count
    }
  }

  /// - Parameter minimumDigits: filled with leading zeros; 20 at most.
  package mutating func append(decimal value: UInt64, minimumDigits: Int = 1) {
    let place = unsafe place(for: Self.decimalDigitsMax)
    count += unsafe Self.put(decimal: value, minimumDigits: minimumDigits, at: place)
  }

  package mutating func append(decimal value: UInt32) { append(decimal: UInt64(value)) }

  package mutating func append(signed value: Int64) {
    if value < 0 { append(byte: UInt8(ascii: "-")) }
    append(decimal: value.magnitude)
  }

  /// Appends lower-case hexadecimal, as audit prints `arch=` and `a0=`.
  /// - Parameter minimumDigits: filled with leading zeros; 16 at most.
  package mutating func append(hex value: UInt64, minimumDigits: Int = 1) {
    if value < 0x10 && minimumDigits <= 1 { return append(byte: Self.lowerDigit(value)) }
    let digits = max(minimumDigits, (67 - (value | 1).leadingZeroBitCount) / 4)
    let place = unsafe place(for: digits)
    var (rest, left) = (value, digits)
    while left > 0 {
      left -= 1
      unsafe place[left] = Self.lowerDigit(rest & 0xf)
      rest >>= 4
    }
    count += digits
  }

  /// Appends every byte in upper-case hexadecimal, as audit encodes untrusted text.
  package mutating func append(encoded text: some Collection<UInt8>) {
    for byte in text {
      append(byte: Self.upperDigit(UInt64(byte >> 4)))
      append(byte: Self.upperDigit(UInt64(byte & 0xf)))
    }
  }

  /// Appends a device as `MAJOR:MINOR`, each with at least two hexadecimal digits, as audit prints
  /// `dev=`.
  package mutating func append(device: UInt64) {
    // glibc's encoding of dev_t (sys/sysmacros.h).
    let major = (device >> 8 & 0xfff) | (device >> 32 & 0xffff_f000)
    let minor = (device & 0xff) | (device >> 12 & 0xffff_ff00)
    guard major | minor > 0xff else { return append(device: major, minor) }
    append(hex: major, minimumDigits: 2)
    append(byte: UInt8(ascii: ":"))
    append(hex: minor, minimumDigits: 2)
  }

  /// Appends a device whose numbers have two digits each, like the kernel's for nsfs.
  private mutating func append(device major: UInt64, _ minor: UInt64) {
    let place = unsafe place(for: 5)
    unsafe place[0] = Self.lowerDigit(major >> 4)
    unsafe place[1] = Self.lowerDigit(major & 0xf)
    unsafe place[2] = UInt8(ascii: ":")
    unsafe place[3] = Self.lowerDigit(minor >> 4)
    unsafe place[4] = Self.lowerDigit(minor & 0xf)
    count += 5
  }

  /// Appends at least one space, up to `width` bytes behind `start`.
  package mutating func pad(from start: Int, to width: Int) {
    repeat { append(byte: UInt8(ascii: " ")) } while count < start + width
  }

  private static func lowerDigit(_ value: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
  }

  private static func upperDigit(_ value: UInt64) -> UInt8 {
    UInt8(truncatingIfNeeded: value) &+ (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
  }
}

// MARK: - Writing behind a pointer

/// Each writes to `place`, where there is room, and returns the number of bytes written.
extension TextBuffer {
  private static var decimalDigitsMax: Int { 20 }

  @inline(__always)
  private static func put(_ text: StaticString, at place: UnsafeMutablePointer<UInt8>) -> Int {
    let length = text.utf8CodeUnitCount
    let (from, to) = unsafe (
      UnsafeRawPointer(text.utf8Start), UnsafeMutableRawPointer(place)
    )
    // Names have some ten bytes: overlapping words at the end cost less than a call of memcpy.
    if length >= 8 {
      for offset in stride(from: 0, to: length - 8, by: 8) {
        unsafe copy(UInt64.self, from + offset, to + offset)
      }
      unsafe copy(UInt64.self, from + length - 8, to + length - 8)
    } else if length >= 4 {
      unsafe copy(UInt32.self, from, to)
      unsafe copy(UInt32.self, from + length - 4, to + length - 4)
    } else {
      for offset in 0..<length { unsafe copy(UInt8.self, from + offset, to + offset) }
    }
    return length
  }

  @inline(__always)
  private static func copy<Word: FixedWidthInteger & BitwiseCopyable>(
    _: Word.Type, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer
  ) {
    unsafe to.storeBytes(of: from.loadUnaligned(as: Word.self), as: Word.self)
  }

  @inline(__always)
  private static func put(key name: StaticString, at place: UnsafeMutablePointer<UInt8>) -> Int {
    unsafe place[0] = UInt8(ascii: ",")
    unsafe place[1] = UInt8(ascii: "\"")
    let length = unsafe put(name, at: place + 2)
    unsafe place[length + 2] = UInt8(ascii: "\"")
    unsafe place[length + 3] = UInt8(ascii: ":")
    return length + 4
  }

  private static func put(
    decimal value: UInt64, minimumDigits: Int = 1, at place: UnsafeMutablePointer<UInt8>
  ) -> Int {
    if value < 10 && minimumDigits <= 1 {
      unsafe place[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)
      return 1
    }
    let digits = max(minimumDigits, decimalDigits(of: value))
    var (rest, left) = (value, digits)
    let pairs = unsafe UnsafeRawPointer(decimalPairs.utf8Start)
    while left >= 2 {
      left -= 2
      let pair = Int(truncatingIfNeeded: rest % 100)
      rest /= 100
      unsafe copy(UInt16.self, pairs + 2 * pair, UnsafeMutableRawPointer(place + left))
    }
    if left > 0 { unsafe place[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest) }
    return digits
  }

  /// 00 to 99.
  private static let decimalPairs: StaticString = """
    0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

  /// By the number of bits: 1233 / 4096 is slightly more than log10(2).
  @inline(__always)
  private static func decimalDigits(of value: UInt64) -> Int {
    let digits = ((64 - value.leadingZeroBitCount) &* 1233) >> 12
    return value >= powersOfTen[digits] ? digits &+ 1 : digits
  }

  private static let powersOfTen: InlineArray<20, UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
  ]
}
