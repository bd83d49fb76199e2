// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A process that a test has started. Its output is kept, and it is killed with this value.
struct ChildProcess: ~Copyable {
  enum Input {
    /// /dev/null.
    case nothing
    /// Open until `closeInput()`.
    case open
    case file(String)
  }

  enum Output {
    case gathered
    case file(String)
    /// A descriptor of another owner.
    case descriptor(Int32)
  }

  enum Status: Equatable {
    case exited(Int32)
    case signaled(Int32)
  }

  let pid: pid_t
  private(set) var output: [UInt8] = []
  private(set) var errors: [UInt8] = []
  /// Nil while the process runs.
  private(set) var status: Status?
  private var inputFd: Int32 = -1
  private var outputFd: Int32 = -1
  private var errorFd: Int32 = -1

  /// - Throws: `ChildProcessError` if the process cannot be started.
  init(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:],
    input: Input = .nothing, output: Output = .gathered
  ) throws {
    var ends = ChildEnds()
    defer { ends.close() }
    inputFd = try ends.connect(input)
    outputFd = try ends.connect(output)
    errorFd = try ends.connectErrors()
    pid = try ends.spawn(path, NoKeeper.adding(to: arguments, of: path), environment)
  }

  deinit {
    if status == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
    for fd in [inputFd, outputFd, errorFd] where fd >= 0 { close(fd) }
  }

  var outputText: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errors, as: UTF8.self) }

  func send(_ signal: Int32) { kill(pid, signal) }

  /// Writes a line to the process's input.
  func sendLine(_ text: String = "") {
    let line = Array("\(text)\n".utf8)
    _ = write(inputFd, line, line.count)
  }

  mutating func closeInput() {
    if inputFd >= 0 { close(inputFd) }
    inputFd = -1
  }

  /// Closes the reading end of the process's output.
  mutating func closeOutput() {
    if outputFd >= 0 { close(outputFd) }
    outputFd = -1
  }

  /// Reads the output so far, and the status if the process has ended. It does not wait.
  mutating func look() {
    // Before the read, so that all output before the end is read.
    var raw: Int32 = 0
    let hasEnded = status == nil && waitpid(pid, &raw, WNOHANG) == pid
    Self.gather(outputFd, into: &output)
    Self.gather(errorFd, into: &errors)
    if hasEnded {
      let signal = raw & 0x7f
      status = signal == 0 ? .exited(raw >> 8 & 0xff) : .signaled(signal)
    }
  }

  /// Reads again and again until `isDone`.
  /// - Throws: `ChildProcessError` at the deadline.
  mutating func wait(
    for what: String, _ isDone: (borrowing ChildProcess) throws -> Bool
  ) throws {
    let deadline = Patience.end
    while true {
      look()
      if try isDone(self) { return }
      guard ContinuousClock.now < deadline else {
        throw ChildProcessError.timedOut(what, output: outputText, errors: errorText)
      }
      var fds = [outputFd, errorFd].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&fds, nfds_t(fds.count), 5)
    }
  }

  @discardableResult
  mutating func waitForExit() throws -> Status {
    try wait(for: "its end") { $0.status != nil }
    return status ?? .signaled(0)
  }

  private static func gather(_ fd: Int32, into bytes: inout [UInt8]) {
    guard fd >= 0 else { return }
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(fd, &piece, piece.count)
      guard count > 0 else { return }
      bytes += piece[..<count]
    }
  }
}
