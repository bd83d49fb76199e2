// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// The walk over directories, which need not be cgroups'.
@Suite struct CgroupWalkTests {
  /// - Throws: `SystemError`
  private static func root(_ directory: String) throws -> CgroupRoot {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw SystemError("open \(directory)", errno: errno)
    }
    return CgroupRoot(directory: descriptor, device: status.st_dev)
  }

  @Test func `a path that cannot be opened at once is walked to its end`() throws {
    let scratch = try ScratchDirectory()
    let nested = try NestedCgroups(20, in: scratch.path)
    var walk = CgroupWalk(over: [try Self.root(scratch.path)])
    var found: [CgroupWalk.Found] = []
    while !walk.isOver { found += walk.next(3) }
    #expect(found.count == 21)
    #expect(found.last?.id == nested.id)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.id == $1.parentID })
    let end = String(repeating: "/" + NestedCgroups.name, count: 17)
    #expect(found.last.map { String(decoding: $0.path, as: UTF8.self) } == end)
  }

  /// Each directory is opened to be read, to be kept, and on the way back.
  @Test func `neither depth nor the size of the parts makes a walk longer`() throws {
    let scratch = try ScratchDirectory()
    let nested = try NestedCgroups(200, "n", in: scratch.path)
    for part in [1, 7, 1000] {
      var walk = CgroupWalk(over: [try Self.root(scratch.path)])
      var found = 0
      while !walk.isOver { found += walk.next(part).count }
      #expect(found == 201)
      let opened = walk.opened
      #expect(opened <= 3 * 201, "\(part) at once")
    }
    _ = nested.id
  }

  @Test func `directories beside each other are found from the one above`() throws {
    let scratch = try ScratchDirectory()
    for outer in 0..<5 {
      try #require(mkdir(scratch.file("\(outer)"), 0o755) == 0)
      for inner in 0..<5 { try #require(mkdir(scratch.file("\(outer)/\(inner)"), 0o755) == 0) }
    }
    var walk = CgroupWalk(over: [try Self.root(scratch.path)])
    var paths: Set<String> = []
    while !walk.isOver {
      paths.formUnion(walk.next(2).map { String(decoding: $0.path, as: UTF8.self) })
    }
    let expected = (0..<5).flatMap { outer in ["/\(outer)"] + (0..<5).map { "/\(outer)/\($0)" } }
    #expect(paths == Set(["/"] + expected))
  }

  /// chown(2) takes root.
  @Test(.enabled(if: geteuid() == 0))
  func `behind a directory of another user's nothing is named by root`() throws {
    let scratch = try ScratchDirectory()
    for path in ["a", "a/b", "a/b/c", "d", "d/e"] {
      try #require(mkdir(scratch.file(path), 0o755) == 0)
    }
    try #require(chown(scratch.file("a"), 65_534, 65_534) == 0)
    // The outermost counts.
    try #require(chown(scratch.file("a/b"), 65_533, 65_533) == 0)
    try #require(chown(scratch.file("d/e"), 65_534, 65_534) == 0)
    var walk = CgroupWalk(over: [try Self.root(scratch.path)])
    let found = walk.next(100)
    let named = found.map { (String(decoding: $0.path, as: UTF8.self), $0.delegated) }
    #expect(
      Dictionary(uniqueKeysWithValues: named)
        == ["/": 0, "/a": 0, "/a/b": 2, "/a/b/c": 2, "/d": 0, "/d/e": 0])
  }

  @Test func `a directory that is gone is skipped, and its siblings are found`() throws {
    let scratch = try ScratchDirectory()
    for name in ["a", "b", "c"] {
      try #require(mkdir(scratch.file(name), 0o755) == 0)
      try #require(mkdir(scratch.file("\(name)/in"), 0o755) == 0)
    }
    var walk = CgroupWalk(over: [try Self.root(scratch.path)])
    var found = walk.next(2)
    let first = String(decoding: found[1].path, as: UTF8.self)
    // It stands in the directory that is removed.
    try #require(rmdir(scratch.path + first + "/in") == 0)
    try #require(rmdir(scratch.path + first) == 0)
    while !walk.isOver { found += walk.next(2) }
    let others = Set(["/a", "/b", "/c"]).subtracting([first]).flatMap { [$0, "\($0)/in"] }
    #expect(
      Set(found.map { String(decoding: $0.path, as: UTF8.self) }) == Set(["/", first] + others))
  }
}
