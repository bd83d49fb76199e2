// SPDX-License-Identifier: Apache-2.0

/// Untrusted text, a part of which may be missing because it was too long.
public struct BoundedText: Hashable, Sendable {
  /// Which end of the text is missing.
  public enum Cut: Sendable {
    /// Its beginning is missing: the end of a path is more specific.
    case front
    /// Its end is missing.
    case end
  }

  /// The bytes that are there, of any encoding.
  public var bytes: [UInt8]
  /// The missing end; nil: the text is whole.
  public var cut: Cut?

  package init(_ bytes: [UInt8] = [], cut: Cut? = nil) {
    self.bytes = bytes
    self.cut = cut
  }

  /// Whether it has no bytes: not known.
  public var isEmpty: Bool { bytes.isEmpty }

  /// Whether a part is missing.
  public var isCut: Bool { cut != nil }

  /// The text with three dots for the missing part.
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
  /// The last `limit` bytes of a path at most, from a `/` on if there is one.
  package func keepingEnd(_ limit: Int) -> BoundedText {
    guard bytes.count > limit else { return self }
    let end = bytes.suffix(limit)
    return BoundedText(
      Array(end.firstIndex(of: UInt8(ascii: "/")).map { end[$0...] } ?? end), cut: .front)
  }
}
