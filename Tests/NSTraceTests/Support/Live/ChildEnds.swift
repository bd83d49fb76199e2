// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The descriptors 0, 1 and 2 of a child process, until it is spawned.
struct ChildEnds {
  private var standard: [Int32] = [-1, -1, -1]
  private var owned: [Int32] = []

  /// - Returns: the test's end of the input; -1 if there is none.
  mutating func connect(_ input: ChildProcess.Input) throws -> Int32 {
    switch input {
    case .nothing: standard[0] = try openFile("/dev/null", O_RDONLY)
    case .file(let path): standard[0] = try openFile(path, O_RDONLY)
    case .open:
      let (reading, writing) = try makePipe()
      standard[0] = reading
      owned.append(reading)
      return writing
    }
    return -1
  }

  mutating func connect(_ output: ChildProcess.Output) throws -> Int32 {
    switch output {
    case .gathered:
      let (reading, writing) = try makePipe(nonBlocking: true)
      standard[1] = writing
      owned.append(writing)
      return reading
    case .file(let path): standard[1] = try openFile(path, O_WRONLY | O_CREAT | O_TRUNC)
    case .descriptor(let fd): standard[1] = fd
    }
    return -1
  }

  mutating func connectErrors() throws -> Int32 {
    let (reading, writing) = try makePipe(nonBlocking: true)
    standard[2] = writing
    owned.append(writing)
    return reading
  }

  mutating func close() {
    for fd in owned { Glibc.close(fd) }
    owned = []
  }

  func spawn(
    _ path: String, _ arguments: [String], _ environment: [String: String]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, fd) in standard.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, fd, Int32(number))
    }
    var attributes = Self.plainSignals()
    defer { posix_spawnattr_destroy(&attributes) }
    var all = Self.inherited
    all.merge(environment) { $1 }
    let path = Self.resolved(path)
    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, path, &actions, &attributes, argv, envp)
    guard error == 0 else { throw ChildProcessError.cannotStart(path, errno: error) }
    return pid
  }

  /// No signal is blocked or ignored, whatever the test runner has set.
  private static func plainSignals() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
    return attributes
  }

  /// A command without a path is Debian's, whatever PATH is.
  private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

  private static func resolved(_ path: String) -> String {
    guard !path.contains("/") else { return path }
    return directories.map { "\($0)/\(path)" }.first { access($0, X_OK) == 0 } ?? path
  }

  private static var inherited: [String: String] {
    var variables = ["PATH": directories.joined(separator: ":")]
    for name in ["LD_LIBRARY_PATH", "HOME", "TMPDIR"] {
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return variables
  }

  private mutating func openFile(_ path: String, _ flags: Int32) throws -> Int32 {
    let fd = open(path, flags | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw ChildProcessError.cannotStart(path, errno: errno) }
    owned.append(fd)
    return fd
  }

  private func makePipe(nonBlocking: Bool = false) throws -> (reading: Int32, writing: Int32) {
    var fds: [Int32] = [0, 0]
    // Swift's Glibc has no pipe2.
    guard pipe(&fds) == 0 else { throw ChildProcessError.cannotStart("pipe", errno: errno) }
    for fd in fds { _ = fcntl(fd, F_SETFD, FD_CLOEXEC) }
    if nonBlocking { _ = fcntl(fds[0], F_SETFL, O_NONBLOCK) }
    return (fds[0], fds[1])
  }
}
