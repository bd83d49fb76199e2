// SPDX-License-Identifier: Apache-2.0

import Foundation
import NSTrace
import Testing

@Suite struct FileDescriptorTests {
  private func mode(of path: String) throws -> mode_t {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return status.st_mode & 0o7777
  }

  @Test func `a new file is its owner's alone, an old one is emptied`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    try FileDescriptor.creating(path).write(Array("first".utf8))
    try #require(chmod(path, 0o644) == 0)
    try FileDescriptor.creating(path, overwriting: true).write([0x32])
    #expect(try DumpFile.bytes(of: path) == [0x32])
    #expect(try mode(of: path) == 0o600)
  }

  @Test func `a file with content is evidence, and is left as it is`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    try FileDescriptor.creating(path).write([0x31])
    try #require(chmod(path, 0o640) == 0)
    let refusal = SystemError(
      "write to \(path), which is not empty: give another name, or --force to overwrite it",
      errno: EEXIST)
    #expect(throws: refusal) { _ = try FileDescriptor.creating(path).raw }
    #expect(throws: refusal) { _ = try DumpSink(path: path).written }
    #expect(try DumpFile.bytes(of: path) == [0x31])
    #expect(try mode(of: path) == 0o640)
  }

  @Test func `a FIFO that nobody reads is an error and no wait, another user's is refused`() throws
  {
    let scratch = try ScratchDirectory()
    let path = scratch.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let unread = SystemError("open \(path), a FIFO that nobody reads", errno: ENXIO)
    #expect(throws: unread) { _ = try FileDescriptor.creating(path).raw }
    #expect(throws: unread) { _ = try FileDescriptor.appending(path).raw }
    guard geteuid() == 0 else { return }
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    #expect(try FileDescriptor.creating(path).size == nil)
    try #require(chown(path, 65534, 65534) == 0)
    let foreign = SystemError(
      "write to \(path), which is another user's: remove it", errno: EPERM)
    #expect(throws: foreign) { _ = try FileDescriptor.creating(path).raw }
    #expect(throws: foreign) { _ = try FileDescriptor.appending(path).raw }
  }

  @Test func `a recording that is written to is not overwritten`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let first = try FileDescriptor.creating(path)
    try first.write([0x31])
    let busy = SystemError("write to \(path), to which another process writes", errno: EBUSY)
    #expect(throws: busy) { _ = try FileDescriptor.creating(path, overwriting: true).raw }
    #expect(try DumpFile.bytes(of: path) == [0x31])
  }

  @Test func `an empty file is taken`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    #expect(try FileDescriptor.creating(path).size == 0)
    try FileDescriptor.creating(path).write([0x31])
    #expect(try DumpFile.bytes(of: path) == [0x31])
  }

  @Test func `a dump is known by its first bytes`() throws {
    let scratch = try ScratchDirectory()
    let (path, pipe) = (scratch.file("x"), scratch.file("pipe"))
    let dump = try DumpFile.write(DumpFile.batches, to: path)
    #expect(DumpSource.isDump(path: path))
    #expect(try !DumpSource.isDump(path: DumpFile.cut(dump, to: 7, at: path)))
    #expect(try DumpSource.isDump(path: DumpFile.cut(dump, to: 8, at: path)))
    try #require(mkfifo(pipe, 0o600) == 0)
    #expect(!DumpSource.isDump(path: pipe) && !DumpSource.isDump(path: scratch.file("none")))
  }

  @Test func `an audit log is gone on with at its end`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    try FileDescriptor.appending(path).write([0x31])
    try FileDescriptor.appending(path).write([0x32])
    #expect(try DumpFile.bytes(of: path) == [0x31, 0x32])
    #expect(try mode(of: path) == 0o600)
  }

  @Test func `a symbolic link chooses no file to overwrite`() throws {
    let scratch = try ScratchDirectory()
    let (target, link) = (scratch.file("target"), scratch.file("link"))
    try FileDescriptor.creating(target).write([0x31])
    try #require(symlink(target, link) == 0)
    let refusal = SystemError("write through the symbolic link \(link)", errno: ELOOP)
    #expect(throws: refusal) { _ = try FileDescriptor.creating(link).raw }
    #expect(throws: refusal) { _ = try FileDescriptor.appending(link).raw }
    #expect(try DumpFile.bytes(of: target) == [0x31])
  }

  /// Where somebody else may write, too, that file would be theirs to read, or another's to lose.
  @Test func `a file with a second name is left as it is`() throws {
    let scratch = try ScratchDirectory()
    let (path, second) = (scratch.file("x"), scratch.file("second"))
    try FileDescriptor.creating(path).write([0x31])
    try #require(link(path, second) == 0 && chmod(path, 0o640) == 0)
    let refusal = SystemError(
      "write to \(second), which has another name too: remove it", errno: EMLINK)
    #expect(throws: refusal) { _ = try FileDescriptor.creating(second).raw }
    #expect(throws: refusal) { _ = try FileDescriptor.appending(second).raw }
    #expect(try DumpFile.bytes(of: path) == [0x31])
    #expect(try mode(of: path) == 0o640)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a file away"))
  func `another user's file is left as it is`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    try FileDescriptor.creating(path).write([0x31])
    try #require(chown(path, 65534, 65534) == 0)
    let refusal = SystemError(
      "write to \(path), which is another user's: remove it", errno: EPERM)
    #expect(throws: refusal) { _ = try FileDescriptor.creating(path).raw }
    #expect(throws: refusal) { _ = try FileDescriptor.appending(path).raw }
    #expect(try DumpFile.bytes(of: path) == [0x31])
  }

  @Test func `a device is written to and left as it is`() throws {
    let before = try mode(of: "/dev/null")
    try FileDescriptor.creating("/dev/null").write([0x31])
    #expect(try mode(of: "/dev/null") == before)
  }

  @Test func `a pipe keeps its mode`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("pipe")
    try #require(mkfifo(path, 0o600) == 0 && chmod(path, 0o640) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    #expect(try FileDescriptor.creating(path).size == nil)
    #expect(try mode(of: path) == 0o640)
  }

  @Test func `it is not passed on to programs, and is closed with its owner`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    do {
      let file = try FileDescriptor.creating(path)
      #expect(fcntl(file.raw, F_GETFD) == FD_CLOEXEC)
      #expect(openTimes(path) == 1)
    }
    #expect(openTimes(path) == 0)
  }

  /// By name: a number that was closed is at once another test's.
  private func openTimes(_ path: String) -> Int {
    let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return numbers.count {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
    }
  }

  @Test func `only a regular file has a size`() throws {
    let scratch = try ScratchDirectory()
    let file = try FileDescriptor.creating(scratch.file("x"))
    try file.write([1, 2, 3])
    #expect(file.size == 3)
    #expect(try FileDescriptor.creating("/dev/null").size == nil)
  }

  @Test func `a file cut back is written on from there`() throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("x")
    let file = try FileDescriptor.creating(path)
    try file.write([1, 2, 3, 4])
    try file.truncate(to: 2)
    try file.write([9])
    #expect(try DumpFile.bytes(of: path) == [1, 2, 9])
  }
}
