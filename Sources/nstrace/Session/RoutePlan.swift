// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Containers' copies of a run.
struct RoutePlan {
  /// The path of the directory; nil: there are only the sockets that rules name.
  var directory: String?
  /// The path of the rule file; nil: no rules.
  var rules: String?

  /// Opens the directory and reads the rules.
  /// - Throws: `SystemError`, `RouteRuleError`.
  func open() throws -> RoutedFiles {
    let rules = try readRules()
    if directory == nil, let rule = rules.rules.first(where: { $0.socket == nil }) {
      throw SystemError(
        "route \(rule.id) to the file \(rule.fileName) without a directory: give --route",
        errno: EINVAL)
    }
    return try RoutedFiles(directory, rules)
  }

  /// The most bytes of a rule file that are read.
  private static let bytesMax = 1 << 16

  private func readRules() throws -> RouteRules {
    guard let path = rules else { return RouteRules() }
    let bytes = try FileDescriptor.reading(path).read(Self.bytesMax + 1)
    if bytes.count > Self.bytesMax { throw SystemError("read \(path)", errno: EFBIG) }
    do throws(RouteRuleError) {
      return try RouteRules(text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw RouteFileError(path: path, error: error)
    }
  }

  /// - Parameter isPatient: whether writes wait for their readers.
  /// - Throws: `SystemError` if a socket cannot be connected.
  func routes(
    _ files: RoutedFiles, typeBase: UInt32, isPatient: Bool
  ) throws(SystemError) -> Routes {
    var limits = RouteLimits()
    limits.isPatient = isPatient
    return try Routes(
      files, files.rules, routesAll: directory != nil, typeBase: typeBase, limits)
  }
}

/// A rule file that says something wrong.
struct RouteFileError: Error, CustomStringConvertible {
  var path: String
  var error: RouteRuleError

  var description: String { "\(path), \(error)" }
}
