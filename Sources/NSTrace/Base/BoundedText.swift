// SPDX-License-Identifier: Apache-2.0

/// A text of some process's choice, of which a part may be missing because it was too long.
public struct BoundedText: Equatable, Sendable {
  /// Which end of the text is missing.
  public enum Cut: Sendable {
    /// Its beginning is missing, as that of a path whose end says more.
    case front
    /// Its end is missing.
    case end
  }

  /// The bytes that are there, of any encoding.
  public var bytes: [UInt8]
  /// Nil: it is whole.
  public var cut: Cut?

  package init(_ bytes: [UInt8] = [], cut: Cut? = nil) {
    self.bytes = bytes
    self.cut = cut
  }

  /// Nothing is known of it.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Whether a part is missing.
  public var isCut: Bool { cut != nil }

  /// As it is printed: three dots stand for what is missing.
  package var visible: [UInt8] {
    switch cut {
    case .front: Self.dots + bytes
    case .end: bytes + Self.dots
    case nil: bytes
    }
  }

  static let dots = Array("...".utf8)
}

extension BoundedText {
  /// A path of which no more than `limit` bytes are kept, those at its end, from a `/` on where there is
  /// one.
  package func keepingEnd(_ limit: Int) -> BoundedText {
    guard bytes.count > limit else { return self }
    let end = bytes.suffix(limit)
    return BoundedText(
      Array(end.firstIndex(of: UInt8(ascii: "/")).map { end[$0...] } ?? end), cut: .front)
  }
}
