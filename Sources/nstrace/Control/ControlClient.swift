// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import NSTrace

/// The other end: asks a running tracer one thing.
struct ControlClient: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private let patienceMilliseconds: Int32

  /// There is nobody to ask.
  struct NoTracer: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "no tracer listens on \(path): start one (nstrace --follow), or say where with --control"
    }
  }

  /// - Parameter patienceSeconds: how long the tracer may take for its next word.
  /// - Throws: `NoTracer`, `SystemError`.
  init(to path: String, patienceSeconds: Int32 = 30) throws {
    let address = try UnixAddress(path)
    let fd = try address.socket()
    guard address.connect(fd) else {
      let error = errno
      close(fd)
      // EAGAIN: so many wait already that the tracer must hang.
      guard [ENOENT, ENOTDIR, ECONNREFUSED].contains(error) else {
        throw SystemError("connect to \(path)", errno: error)
      }
      throw NoTracer(path: path)
    }
    descriptor = fd
    self.path = path
    patienceMilliseconds = patienceSeconds * 1000
  }

  deinit { close(descriptor) }

  /// Sends one request and waits for its answer.
  func ask(_ request: some Encodable) throws -> ControlReply {
    let line = Array(try JSONEncoder().encode(request)) + [0x0a]
    try send(line)
    return try JSONDecoder().decode(ControlReply.self, from: Data(try receiveLine()))
  }

  private func send(_ line: [UInt8]) throws(SystemError) {
    var rest = line[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { rest = rest.dropFirst(count) } else { try wait(POLLOUT) }
    }
  }

  private func receiveLine() throws(SystemError) -> [UInt8] {
    var line: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while line.last != 0x0a {
      let count = read(descriptor, &piece, piece.count)
      if count == 0 { throw SystemError("hear from the tracer on \(path)", errno: ECONNRESET) }
      if count > 0 { line += piece[..<count] } else { try wait(POLLIN) }
    }
    return line
  }

  /// After a call that failed: for a while, when it failed only for having to wait.
  private func wait(_ event: Int32) throws(SystemError) {
    guard errno == EAGAIN || errno == EINTR else {
      throw SystemError("talk to the tracer on \(path)", errno: errno)
    }
    var fd = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    guard poll(&fd, 1, patienceMilliseconds) != 0 else {
      throw SystemError("hear from the tracer on \(path)", errno: ETIMEDOUT)
    }
  }
}
