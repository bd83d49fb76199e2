// SPDX-License-Identifier: Apache-2.0

/// A runtime's spelling of its containers' cgroups: a path from the root of the hierarchy, or from
/// the cgroup of the container that the runtime itself runs in.
///
///     /docker/{id}
///     /**/libpod-{id}.scope
///     /ci/job-*/{name}
///
/// A component is text, in which `*` matches any bytes but a slash, or none. The last one contains
/// `{id}` (64 lower-case hexadecimal digits) or `{name}` (at least one byte): the runtime's name
/// for the container. `/**/` at the beginning matches any number of systemd's units, or none.
public struct CgroupPattern: Equatable, Sendable {
  private enum Placeholder: String, CaseIterable {
    case id = "{id}"
    case name = "{name}"
  }

  /// The text of the pattern.
  public let text: String
  /// Whether it begins with `/**/`: it may be in slices, services and scopes.
  private let isInUnits: Bool
  /// The components before the last one, in which `*` matches any bytes.
  private let places: [[UInt8]]
  private let placeholder: Placeholder
  /// The text before and after the placeholder.
  private let prefix: [UInt8]
  private let suffix: [UInt8]

  /// Parses the text of a pattern.
  /// - Throws: `CgroupPatternError`, whose description states the correct form.
  public init(_ text: String) throws(CgroupPatternError) {
    guard text.hasPrefix("/") else { throw .notFromRoot(text) }
    guard text.utf8.count < Self.bytesMax else { throw .tooLong(text) }
    var components = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    isInUnits = components.first == "**"
    if isInUnits { components.removeFirst() }
    guard let last = components.popLast(), !last.isEmpty, !components.contains("") else {
      throw .emptyComponent(text)
    }
    guard !components.contains(where: { $0.contains("{") || $0.contains("}") }) else {
      throw .placeholderNotLast(text)
    }
    guard !components.contains(where: { $0.contains("**") }), !last.contains("**") else {
      throw .unitsNotFirst(text)
    }
    let found = Placeholder.allCases.compactMap { placeholder in
      last.firstRange(of: placeholder.rawValue).map { (placeholder, $0) }
    }
    guard let (placeholder, range) = found.first, found.count == 1 else {
      throw .placeholder(text)
    }
    let (prefix, suffix) = (last[..<range.lowerBound], last[range.upperBound...])
    guard !prefix.contains("{"), !suffix.contains("{") else { throw .placeholder(text) }
    guard !suffix.contains("*"), placeholder == .id || !prefix.contains("*") else {
      throw .starBesidePlaceholder(text)
    }
    self.text = text
    places = components.map { Array($0.utf8) }
    self.placeholder = placeholder
    (self.prefix, self.suffix) = (Array(prefix.utf8), Array(suffix.utf8))
  }

  /// The bytes of a pattern at most; a path has fewer (NST_PATH_BYTES).
  private static let bytesMax = 1024

  /// The first component; nil: it has a `*`, or is the last one.
  var firstPlace: [UInt8]? { places.first.flatMap { $0.contains(Self.star) ? nil : $0 } }

  /// Whether the last component is `{name}` alone.
  var isOpen: Bool { placeholder == .name && prefix.isEmpty && suffix.isEmpty }

  /// The index of a container's cgroup in a path, and the container's name.
  struct Match: Equatable {
    /// The index among the path's components.
    var place: Int
    var name: [UInt8]
  }

  /// The outermost container of this spelling; nil: none.
  /// - Parameter units: the number of components, from the first, that are systemd's units.
  func match(_ path: ArraySlice<ArraySlice<UInt8>>, units: Int) -> Match? {
    for skipped in 0...(isInUnits ? units : 0) {
      if let match = match(path.dropFirst(skipped)) { return match }
    }
    return nil
  }

  private func match(_ path: ArraySlice<ArraySlice<UInt8>>) -> Match? {
    guard path.count > places.count else { return nil }
    let place = path.startIndex + places.count
    guard zip(places, path).allSatisfy({ Self.matches($1, $0[...]) }),
      let name = name(in: path[place])
    else { return nil }
    return Match(place: place, name: name)
  }

  private func name(in component: ArraySlice<UInt8>) -> [UInt8]? {
    guard component.count >= suffix.count, component.suffix(suffix.count).elementsEqual(suffix)
    else { return nil }
    let stem = component.dropLast(suffix.count)
    switch placeholder {
    case .id:
      let id = stem.suffix(64)
      guard Self.isID(id), Self.matches(stem.dropLast(64), prefix[...]) else { return nil }
      return Array(id)
    case .name:
      guard stem.count > prefix.count, stem.starts(with: prefix) else { return nil }
      return Array(stem.dropFirst(prefix.count))
    }
  }

  private static func isID(_ text: ArraySlice<UInt8>) -> Bool {
    text.count == 64 && text.allSatisfy(isHexDigit)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  private static let star = UInt8(ascii: "*")

  /// Whether a text matches a pattern in which `*` matches any bytes. On a mismatch only the last
  /// `*` takes one byte more, so the time is at most the product of both lengths.
  private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    var (at, of) = (text.startIndex, pattern.startIndex)
    var resume: (at: Int, of: Int)?
    while at < text.endIndex {
      if of < pattern.endIndex, pattern[of] == star {
        of += 1
        resume = (at, of)
      } else if of < pattern.endIndex, pattern[of] == text[at] {
        (at, of) = (at + 1, of + 1)
      } else if let last = resume {
        (at, of) = (last.at + 1, last.of)
        resume = (at, of)
      } else {
        return false
      }
    }
    return pattern[of...].allSatisfy { $0 == star }
  }
}
