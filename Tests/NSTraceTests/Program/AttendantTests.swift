// SPDX-License-Identifier: Apache-2.0

import CLinux
import CNSWire
import Glibc
import NSTrace
import Testing

@testable import nstrace

/// The process that does what the sandbox forbids the tracer.
@Suite struct AttendantTests {
  private static func write(_ text: String, to path: String) throws {
    try Files.write(Array(text.utf8), to: path)
  }

  /// The errno of what is thrown; nil: nothing is.
  private static func error(
    of attendant: Attendant, _ ask: (Attendant) throws(SystemError) -> Void
  ) -> SystemError? {
    do throws(SystemError) {
      try ask(attendant)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a log that was moved is opened again under its name`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    try Self.write("old", to: log)
    let attendant = try Reaped.attendant(AttendantPlan(log: log))
    try #require(rename(log, directory.file("moved")) == 0)
    let file = try attendant.reopenLog()
    try file.write(Array("new".utf8))
    let again = try attendant.reopenLog()
    try again.write(Array("er".utf8))
    #expect(try Files.text(log) == "newer")
    #expect(Files.mode(log) == 0o600)
    #expect(try Files.text(directory.file("moved")) == "old")
    // The descriptor is the tracer's, which cuts half a line off.
    try again.truncate(to: 3)
    #expect(try Files.text(log) == "new")
  }

  @Test func `a rotation keeps as many as were asked for at the start`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    let attendant = try Reaped.attendant(AttendantPlan(log: log, logKeep: 2))
    for text in ["1", "2", "3", "4"] {
      try attendant.rotateLog().write(Array(text.utf8))
    }
    #expect(Files.names(in: directory.path).sorted() == ["log", "log.1", "log.2"])
    #expect(
      try ["log", "log.1", "log.2"].map { try Files.text(directory.file($0)) } == ["4", "3", "2"])
  }

  @Test func `with none to keep, a rotation starts anew`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    try Self.write("1", to: log)
    let attendant = try Reaped.attendant(AttendantPlan(log: log, logKeep: 0))
    try attendant.rotateLog().write([0x32])
    #expect(Files.names(in: directory.path) == ["log"])
    #expect(try Files.text(log) == "2")
  }

  @Test func `the oldest goes first, and the log itself never`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    for name in ["log", "log.1", "log.3", "log.5"] {
      try Self.write(name, to: directory.file(name))
    }
    let attendant = try Reaped.attendant(AttendantPlan(log: log, logKeep: 4))
    try attendant.removeOldestLog()
    #expect(Files.names(in: directory.path).sorted() == ["log", "log.1", "log.5"])
    try attendant.removeOldestLog()
    let error = Self.error(of: attendant) { (it) throws(SystemError) in try it.removeOldestLog() }
    #expect(error == SystemError("remove a rotated \(log)", errno: ENOENT))
    #expect(Files.names(in: directory.path).sorted() == ["log", "log.5"])
  }

  @Test func `it refuses the files that the tracer would refuse`() throws {
    let directory = try ScratchDirectory()
    let (log, other) = (directory.file("log"), directory.file("other"))
    let attendant = try Reaped.attendant(AttendantPlan(log: log))
    try #require(symlink("nowhere", log) == 0)
    #expect(
      Self.reopening(attendant)
        == SystemError("write through the symbolic link \(log)", errno: ELOOP))
    unlink(log)
    try Self.write("", to: other)
    try #require(link(other, log) == 0)
    #expect(
      Self.reopening(attendant)
        == SystemError("write to \(log), which has another name too: remove it", errno: EMLINK))
    unlink(other)
    #expect(Self.reopening(attendant) == nil)
    guard geteuid() == 0 else { return }
    chown(log, 65534, 65534)
    #expect(
      Self.reopening(attendant)
        == SystemError("write to \(log), which is another user's: remove it", errno: EPERM))
  }

  private static func reopening(_ attendant: Attendant) -> SystemError? {
    error(of: attendant) { (it) throws(SystemError) in _ = try it.reopenLog() }
  }

  @Test func `a FIFO that nobody reads does not hold it up, and is not rotated`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    try #require(mkfifo(log, 0o600) == 0)
    let attendant = try Reaped.attendant(AttendantPlan(log: log))
    #expect(Self.reopening(attendant) == SystemError("open \(log)", errno: ENXIO))
    let rotating = Self.error(of: attendant) { (it) throws(SystemError) in _ = try it.rotateLog() }
    #expect(rotating == SystemError("rotate \(log)", errno: EINVAL))
    let reader = open(log, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    #expect(Self.reopening(attendant) == nil)
  }

  @Test func `it has nothing but its own, and ends with the tracer`() throws {
    let directory = try ScratchDirectory()
    let attendant = try Reaped.attendant(AttendantPlan(log: directory.file("log")))
    let pid = attendant.pid
    #expect(try Files.text("/proc/\(pid)/comm") == "nstrace-attend\n")
    let status = try Files.text("/proc/\(pid)/status")
    #expect(status.contains("\nNoNewPrivs:\t1\n"))
    #expect(status.contains("\nSeccomp:\t2\n"))
    let capabilities = geteuid() == 0 ? "0000000000000002" : "0000000000000000"
    for set in ["CapPrm", "CapEff"] { #expect(status.contains("\n\(set):\t\(capabilities)\n")) }
    if geteuid() == 0 {
      let files = Files.names(in: "/proc/\(pid)/fd").compactMap {
        Files.link("/proc/\(pid)/fd/\($0)")
      }
      #expect(files.count == 2 && files.contains(directory.path))
      #expect(files.contains { $0.hasPrefix("socket:") })
      #expect(Files.link("/proc/\(pid)/cwd") == "/")
    }
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { kill(pid, signal) }
    #expect(kill(pid, 0) == 0)
    _ = consume attendant
    #expect(kill(pid, 0) == -1 && errno == ESRCH)
  }

  @Test func `it removes the socket at its end, and no other`() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("s")
    let socket = try UnixAddress(path)
    for isReplaced in [false, true] {
      let first = try socket.socket()
      #expect(try socket.bind(first))
      let attendant = try Reaped.attendant(AttendantPlan(socket: path))
      var second: Int32 = -1
      defer { close(second) }
      close(first)
      if isReplaced {
        // A file system may give the number of the first at once to the second.
        unlink(path)
        second = try socket.socket()
        #expect(try socket.bind(second))
      }
      _ = consume attendant
      #expect((Files.mode(path) != nil) == isReplaced)
    }
  }

  private static func attendant(of keep: String) throws -> Attendant {
    let none = [Int32](repeating: -1, count: Int(NST_KEEPER_PINS.rawValue))
    return try Reaped.attendant(AttendantPlan(keep: keep, keeper: none))
  }

  /// Another tracer that has the claim is about to pin a keeper there.
  @Test(arguments: [false, true])
  func `it removes the keeper's directory at its end, unless it is claimed`(isClaimed: Bool) throws
  {
    let directory = try ScratchDirectory()
    let keep = directory.file("keep")
    try #require(mkdir(keep, 0o700) == 0)
    let attendant = try Self.attendant(of: keep)
    let claim = open(keep, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(claim) }
    if isClaimed { try #require(flock(claim, LOCK_EX | LOCK_NB) == 0) }
    _ = consume attendant
    #expect((Files.mode(keep) != nil) == isClaimed)
  }

  @Test func `it removes no directory that has taken the place of the keeper's`() throws {
    let directory = try ScratchDirectory()
    let keep = directory.file("keep")
    try #require(mkdir(keep, 0o700) == 0)
    let attendant = try Self.attendant(of: keep)
    try #require(rename(keep, directory.file("moved")) == 0)
    try #require(mkdir(keep, 0o700) == 0)
    _ = consume attendant
    #expect(Files.names(in: directory.path).sorted() == ["keep", "moved"])
  }

  @Test func `its death is noticed once, and what is asked then fails`() throws {
    let directory = try ScratchDirectory()
    let attendant = try Reaped.attendant(AttendantPlan(log: directory.file("log")))
    var hasEnded = attendant.hasEnded()
    #expect(!hasEnded)
    kill(attendant.pid, SIGKILL)
    var ends = pollfd(fd: attendant.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ends, 1, Patience.milliseconds) == 1)
    while !hasEnded { hasEnded = attendant.hasEnded() }
    #expect(attendant.descriptor == -1)
    hasEnded = attendant.hasEnded()
    #expect(!hasEnded)
    #expect(
      Self.reopening(attendant) == SystemError("ask the attendant, which has ended", errno: EPIPE))
  }

  // MARK: Containers' copies

  private static let seven = ContainerID(high: 0, low: 7)

  private static func opening(_ attendant: Attendant, _ id: ContainerID = seven) -> SystemError? {
    error(of: attendant) { (it) throws(SystemError) in _ = try it.openRoute(id) }
  }

  @Test func `it opens a copy's file by the ID alone, or by the name of its rule`() throws {
    let directory = try ScratchDirectory()
    let routes = try RoutedFiles(
      directory.path, try RouteRules(text: "contid=8 file=web.txt\ncontid=9 socket=/run/s\n"))
    routes.attendant = try Reaped.attendant(AttendantPlan(routes: routes.names))
    let ids = [
      Self.seven, ContainerID(high: 0, low: 8), ContainerID(high: 0x0123_4567_89ab_cdef, low: 5),
      ContainerID(high: 0, low: .max - 1),
    ]
    for id in ids { try routes.open(id).write(Array("\(id)".utf8)) }
    for id in ids { try routes.open(id).write(Array("+".utf8)) }
    let names = [
      "7.log", "web.txt", "01234567-89ab-cdef-0000-000000000005.log", "18446744073709551614.log",
    ]
    #expect(Files.names(in: directory.path).sorted() == names.sorted())
    for (id, name) in zip(ids, names) {
      #expect(try Files.text(directory.file(name)) == "\(id)+")
      #expect(Files.mode(directory.file(name)) == 0o600)
    }
  }

  @Test func `it opens nothing else in place of a copy's file`() throws {
    let directory = try ScratchDirectory()
    let routes = try RoutedFiles(directory.path, RouteRules())
    let attendant = try Reaped.attendant(AttendantPlan(routes: routes.names))
    let (path, other) = (directory.file("7.log"), directory.file("other"))
    try #require(symlink("other", path) == 0)
    #expect(
      Self.opening(attendant)
        == SystemError("write through the symbolic link \(path)", errno: ELOOP))
    unlink(path)
    try Self.write("", to: other)
    try #require(link(other, path) == 0)
    #expect(
      Self.opening(attendant)
        == SystemError("write to \(path), which has another name too: remove it", errno: EMLINK))
    unlink(path)
    try #require(mkfifo(path, 0o600) == 0)
    #expect(Self.opening(attendant) == SystemError("open \(path)", errno: ENXIO))
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    #expect(
      Self.opening(attendant)
        == SystemError("write to \(path), which is no regular file: remove it", errno: EINVAL))
    unlink(path)
    try Self.write("", to: path)
    chmod(path, 0o662)
    #expect(
      Self.opening(attendant)
        == SystemError("write to \(path), to which others may write: remove it", errno: EACCES))
    unlink(path)
    #expect(Self.opening(attendant) == nil)
    // Whatever is put in the directory's place is not followed.
    #expect(try Files.text(other) == "")
  }

  @Test func `without a directory there is no copy to open`() throws {
    let directory = try ScratchDirectory()
    let attendant = try Reaped.attendant(AttendantPlan(log: directory.file("log")))
    #expect(Self.opening(attendant)?.errno == ENOENT)
    #expect(Files.names(in: directory.path) == [])
  }

  @Test func `another copy is not mistaken for the one that is late`() throws {
    let directory = try ScratchDirectory()
    let routes = try RoutedFiles(directory.path, RouteRules())
    let attendant = try Reaped.attendant(AttendantPlan(routes: routes.names))
    kill(attendant.pid, SIGSTOP)
    #expect(Self.opening(attendant)?.errno == ETIMEDOUT)
    #expect(Self.opening(attendant, ContainerID(high: 0, low: 8))?.errno == EBUSY)
    kill(attendant.pid, SIGCONT)
    var late = pollfd(fd: attendant.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&late, 1, Patience.milliseconds) == 1)
    #expect(attendant.late == .openRoute(Self.seven))
    let name =
      switch try attendant.takeLate() {
      case .some(let file): file.name
      case nil: ""
      }
    #expect(name == "\(directory.path)/7.log")
    #expect(Files.names(in: directory.path) == ["7.log"])
  }

  /// A disk that hangs, say.
  @Test func `one that does not answer is waited for once, and its late reply counts`() throws {
    let directory = try ScratchDirectory()
    let log = directory.file("log")
    let attendant = try Reaped.attendant(AttendantPlan(log: log))
    kill(attendant.pid, SIGSTOP)
    let timedOut = SystemError("hear from the attendant", errno: ETIMEDOUT)
    #expect(Self.reopening(attendant) == timedOut)
    let start = ContinuousClock.now
    // One that waited would take as many seconds.
    for _ in 0..<100 { #expect(Self.reopening(attendant) == timedOut) }
    #expect(ContinuousClock.now - start < .seconds(100))
    let busy = Self.error(of: attendant) { (it) throws(SystemError) in _ = try it.rotateLog() }
    #expect(busy?.errno == EBUSY)
    #expect(attendant.isLate)
    kill(attendant.pid, SIGCONT)
    var late = pollfd(fd: attendant.descriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&late, 1, Patience.milliseconds) == 1)
    #expect(Self.reopening(attendant) == nil)
    #expect(!attendant.isLate)
    #expect(Files.mode(log) == 0o600)
  }

  /// Somebody has taken over the attendant.
  @Test(arguments: [false, true])
  func `one that replies to something else is not asked again`(isUnasked: Bool) throws {
    var ends: [Int32] = [-1, -1]
    #expect(
      socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    defer { close(ends[1]) }
    let child = try ChildProcess("true")
    let attendant = Attendant(pid: child.pid, descriptor: ends[0], log: "log")
    for _ in 0..<3 {
      var reply = nst_attendant_reply(serial: 7, step: 0, error: 0, number: 0)
      #expect(send(ends[1], &reply, MemoryLayout.size(ofValue: reply), 0) == 16)
    }
    if isUnasked {
      #expect(attendant.hasEnded())
    } else {
      #expect(
        Self.reopening(attendant) == SystemError("understand the attendant", errno: EBADMSG))
    }
    #expect(attendant.descriptor == -1)
    #expect(
      Self.reopening(attendant) == SystemError("ask the attendant, which has ended", errno: EPIPE))
  }

  /// The number itself is the kernel's.
  @Test(.enabled(if: geteuid() == 0)) func `it says what the kernel's audit has lost`() throws {
    let directory = try ScratchDirectory()
    let attendant = try Reaped.attendant(
      AttendantPlan(log: directory.file("log"), asksAudit: true))
    try attendant.askAuditLost()
    let lost = try #require(attendant.takeAuditLost())
    #expect(attendant.takeAuditLost() == nil)
    // Nobody waits for the answer, and another request does not wait in vain.
    try attendant.beginAuditLost()
    #expect(!attendant.isLate)
    _ = try attendant.reopenLog()
    #expect(attendant.late == nil)
    #expect(try #require(attendant.takeAuditLost()) >= lost)
  }

  @Test func `one that was not started for it does not ask the kernel`() throws {
    let directory = try ScratchDirectory()
    let attendant = try Reaped.attendant(AttendantPlan(log: directory.file("log")))
    let error = Self.error(of: attendant) { (it) throws(SystemError) in try it.askAuditLost() }
    #expect(error == SystemError("have the attendant do it", errno: ENOENT))
  }

  @Test func `a directory that is not there is an error at the start`() throws {
    #expect(throws: SystemError("start the attendant", errno: ENOENT)) {
      _ = try Reaped.attendant(AttendantPlan(log: "/nowhere/log")).pid
    }
  }
}
