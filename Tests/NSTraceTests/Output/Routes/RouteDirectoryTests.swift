// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

/// A directory inside a container is under the control of that container's root.
@Suite struct RouteDirectoryTests {
  private static func error(of path: String) -> Int32? {
    do throws(SystemError) {
      _ = try RouteDirectory(path).descriptor
      return nil
    } catch {
      return error.errno
    }
  }

  private static func error(
    opening name: String, in directory: borrowing RouteDirectory
  ) -> Int32? {
    do throws(SystemError) {
      _ = try directory.open(name).raw
      return nil
    } catch {
      return error.errno
    }
  }

  @Test func `a directory of another user, or one that others may write to, is refused`() throws {
    let scratch = try ScratchDirectory()
    #expect(Self.error(of: scratch.path) == nil)
    for mode in [0o770, 0o702, 0o1777] as [mode_t] {
      chmod(scratch.path, mode)
      #expect(Self.error(of: scratch.path) == EPERM)
    }
    chmod(scratch.path, 0o755)
    #expect(Self.error(of: scratch.path) == nil)
    guard geteuid() == 0 else { return }
    chown(scratch.path, 65534, 65534)
    #expect(Self.error(of: scratch.path) == EPERM)
  }

  @Test func `a symbolic link, also with slashes behind it, and a file are refused`() throws {
    let scratch = try ScratchDirectory()
    let (link, target) = (scratch.file("link"), scratch.file("target"))
    mkdir(target, 0o700)
    symlink(target, link)
    for path in [link, link + "/", link + "//"] {
      #expect(Self.error(of: path).map { [ELOOP, ENOTDIR].contains($0) } == true)
    }
    #expect(Self.error(of: target + "/") == nil)
    try Files.write([], to: scratch.file("file"))
    #expect(Self.error(of: scratch.file("file")) == ENOTDIR)
    #expect(Self.error(of: scratch.file("none")) == ENOENT)
  }

  @Test func `two do not write to one directory`() throws {
    let scratch = try ScratchDirectory()
    let first = try RouteDirectory(scratch.path)
    #expect(Self.error(of: scratch.path) == EBUSY)
    _ = first.descriptor
  }

  @Test func `a directory that is replaced later is not followed`() throws {
    let scratch = try ScratchDirectory()
    let (path, moved) = (scratch.file("routes"), scratch.file("moved"))
    mkdir(path, 0o700)
    let directory = try RouteDirectory(path)
    rename(path, moved)
    symlink("/nowhere", path)
    #expect(Self.error(opening: "7.log", in: directory) == nil)
    #expect(Files.mode("\(moved)/7.log") == 0o600)
  }

  @Test func `in place of a file nothing else is opened`() throws {
    let scratch = try ScratchDirectory()
    let directory = try RouteDirectory(scratch.path)
    try Files.write([1], to: scratch.file("victim"), mode: 0o600)
    symlink("victim", scratch.file("link.log"))
    #expect(Self.error(opening: "link.log", in: directory) == ELOOP)
    link(scratch.file("victim"), scratch.file("second.log"))
    #expect(Self.error(opening: "second.log", in: directory) == EMLINK)
    mkfifo(scratch.file("fifo.log"), 0o600)
    #expect(Self.error(opening: "fifo.log", in: directory) == ENXIO)
    let reader = open(scratch.file("fifo.log"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    #expect(Self.error(opening: "fifo.log", in: directory) == EINVAL)
    mkdir(scratch.file("directory.log"), 0o700)
    #expect(Self.error(opening: "directory.log", in: directory) == EISDIR)
    try Files.write([], to: scratch.file("open.log"))
    chmod(scratch.file("open.log"), 0o622)
    #expect(Self.error(opening: "open.log", in: directory) == EACCES)
    #expect(try Files.read(scratch.file("victim")) == [1])
    guard geteuid() == 0 else { return }
    try Files.write([], to: scratch.file("theirs.log"))
    chown(scratch.file("theirs.log"), 65534, 65534)
    #expect(Self.error(opening: "theirs.log", in: directory) == EPERM)
  }
}
