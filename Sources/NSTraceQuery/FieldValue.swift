// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import NSTrace

/// The value of a field in a JSON object of nstrace's own making, for SQL.
enum FieldValue: Equatable {
  /// Absent, or null.
  case null
  /// A number; 1 and 0 for true and false.
  case number(Int64)
  /// A string without escapes, or an object: where its text stands.
  case plain(Range<Int>)
  /// A string with escapes, or the strings of an array with commas between them.
  case made([UInt8])
}

/// Finds fields in a JSON object.
struct FieldReader {
  /// `,"uid":` for each field. No string can have that inside, because quotes are escaped there.
  private let keys: [[UInt8]]

  init() {
    keys = RecordField.all.map { Array(",\"\($0.name)\":".utf8) }
  }

  /// The value of a field.
  /// - Parameters:
  ///   - field: its place in `RecordField.all`.
  ///   - isNested: whether the object has others inside, with keys of any name.
  func value(
    of field: Int, in object: Range<Int>, _ text: UnsafeRawBufferPointer, isNested: Bool
  ) -> FieldValue {
    let text = unsafe UnsafeRawBufferPointer(rebasing: text[..<object.upperBound])
    // The first key, {"type":, has no comma.
    if field == 0 { return unsafe Self.read(text, from: object.lowerBound + 8) }
    let place =
      isNested
      ? unsafe Self.place(ofOuter: keys[field], in: object, text)
      : unsafe Self.place(of: keys[field], in: object, text)
    return place.map { unsafe Self.read(text, from: $0) } ?? .null
  }

  /// The byte behind the key; nil: it is not there.
  private static func place(
    of key: [UInt8], in object: Range<Int>, _ text: UnsafeRawBufferPointer
  ) -> Int? {
    guard let base = text.baseAddress,
      let found = unsafe nst_find(base + object.lowerBound, object.count, key, key.count)
    else { return nil }
    return unsafe found - base + key.count
  }

  /// The same outside of objects inside.
  private static func place(
    ofOuter key: [UInt8], in object: Range<Int>, _ text: UnsafeRawBufferPointer
  ) -> Int? {
    var (depth, place) = (0, object.lowerBound)
    while place < object.upperBound {
      switch unsafe text[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""): unsafe place = end(ofString: place, text)
      case UInt8(ascii: ",") where depth == 1:
        if unsafe text[place...].starts(with: key) { return place + key.count }
      default: break
      }
      place += 1
    }
    return nil
  }

  /// The place of the quote that ends the string that begins at `start`.
  private static func end(ofString start: Int, _ text: UnsafeRawBufferPointer) -> Int {
    var place = start + 1
    while place < text.count, unsafe text[place] != UInt8(ascii: "\"") {
      place += unsafe text[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(place, text.count)
  }
}

// MARK: - Values

extension FieldReader {
  private static func read(_ text: UnsafeRawBufferPointer, from start: Int) -> FieldValue {
    guard start < text.count else { return .null }
    switch unsafe text[start] {
    case UInt8(ascii: "\""): return unsafe string(text, from: start)
    case UInt8(ascii: "t"): return .number(1)
    case UInt8(ascii: "f"): return .number(0)
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "["): return unsafe .made(list(text, from: start))
    case UInt8(ascii: "{"): return unsafe .plain(start..<end(ofObject: start, text))
    default: return unsafe .number(number(text, from: start))
    }
  }

  private static func string(_ text: UnsafeRawBufferPointer, from start: Int) -> FieldValue {
    let inside = unsafe start + 1..<end(ofString: start, text)
    guard unsafe text[inside].contains(UInt8(ascii: "\\")) else { return .plain(inside) }
    var bytes: [UInt8] = []
    unsafe append(text[inside], to: &bytes)
    return .made(bytes)
  }

  /// One that SQL's numbers do not hold is the nearest that they do.
  private static func number(_ text: UnsafeRawBufferPointer, from start: Int) -> Int64 {
    let isNegative = unsafe text[start] == UInt8(ascii: "-")
    var (value, place) = (Int64(0), start + (isNegative ? 1 : 0))
    while place < text.count, case let digit = unsafe text[place] &- UInt8(ascii: "0"), digit < 10 {
      let (tens, isOver) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = tens.addingReportingOverflow(Int64(digit))
      if isOver || isOverToo { return isNegative ? .min : .max }
      value = sum
      place += 1
    }
    return isNegative ? -value : value
  }

  private static func list(_ text: UnsafeRawBufferPointer, from start: Int) -> [UInt8] {
    var (bytes, place) = ([UInt8](), start + 1)
    while place < text.count, unsafe text[place] != UInt8(ascii: "]") {
      if unsafe text[place] == UInt8(ascii: "\"") {
        let end = unsafe end(ofString: place, text)
        unsafe append(text[place + 1..<end], to: &bytes)
        place = end
      } else {
        unsafe bytes.append(text[place])
      }
      place += 1
    }
    return bytes
  }

  /// The place behind the bracket that closes the object.
  private static func end(ofObject start: Int, _ text: UnsafeRawBufferPointer) -> Int {
    var (depth, place) = (0, start)
    while place < text.count {
      switch unsafe text[place] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""): unsafe place = end(ofString: place, text)
      default: break
      }
      place += 1
      if depth == 0 { break }
    }
    return min(place, text.count)
  }

  /// Appends a string without its escapes: `\"`, `\\`, and `\uXXXX`.
  private static func append(_ string: Slice<UnsafeRawBufferPointer>, to bytes: inout [UInt8]) {
    var units: [UInt16] = []
    var rest = unsafe string
    while let byte = unsafe rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let escaped = unsafe rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      guard escaped == UInt8(ascii: "u") else {
        bytes.append(escaped)
        continue
      }
      let digits = unsafe String(decoding: rest.prefix(4), as: UTF8.self)
      unsafe rest = rest.dropFirst(4)
      units.append(UInt16(digits, radix: 16) ?? 0xfffd)
      // The second half of a pair follows.
      if UTF16.isLeadSurrogate(units[0]), units.count == 1 { continue }
      bytes += Array(String(decoding: units, as: UTF16.self).utf8)
      units.removeAll()
    }
  }
}
