// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import FoundationEssentials
internal import Glibc
internal import NSTrace

/// Sends a request to a running tracer and receives its answer.
struct ControlClient: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private let patienceMilliseconds: Int32

  /// No tracer listens on the socket.
  struct NoTracer: Error, CustomStringConvertible {
    let path: String
    var description: String {
      "no tracer listens on \(path): start one (nstrace --follow), or give its --control socket"
    }
  }

  /// Somebody listens on the socket who may not be a tracer.
  struct Impostor: Error, CustomStringConvertible {
    let path: String
    let user: uid_t
    var description: String {
      "a process of user \(user) listens on \(path), and neither root nor the owner of the directory: "
        + "it is not asked"
    }
  }

  /// The tracer has closed the connection before it answered, and for another client: nothing has been done.
  private struct Closed: Error {}

  /// Sends one request and waits for its answer, calling `each` with every line of it but the last, without
  /// newline. Asks again if there are too many clients.
  /// - Parameter patienceSeconds: how long to try, and then to wait for the tracer's next bytes.
  /// - Returns: the last line.
  /// - Throws: `NoTracer`, `Impostor`, `SystemError`, `DecodingError`, what `each` throws.
  static func ask(
    _ request: some Encodable, at path: String, patienceSeconds: Int32 = 30,
    each: ([UInt8]) throws -> Void = { _ in }
  ) throws -> ControlReply {
    let line = Array(try JSONEncoder().encode(request)) + [0x0a]
    let deadline = ContinuousClock.now + .seconds(patienceSeconds)
    while true {
      do {
        return try ControlClient(to: path, patienceSeconds).ask(line, each: each)
      } catch is Closed {
        guard ContinuousClock.now < deadline else {
          throw SystemError("receive from the tracer on \(path)", errno: ECONNRESET)
        }
        poll(nil, 0, pauseMilliseconds)
      }
    }
  }

  private static let pauseMilliseconds: Int32 = 10

  /// - Throws: `NoTracer`, `Impostor`, `SystemError`.
  private init(to path: String, _ patienceSeconds: Int32) throws {
    let address = try UnixAddress(path)
    let fd = try address.socket()
    guard address.connect(fd, waitingSeconds: patienceSeconds) else {
      let error = errno
      close(fd)
      guard [ENOENT, ENOTDIR, ECONNREFUSED].contains(error) else {
        throw SystemError("connect to \(path)", errno: error)
      }
      throw NoTracer(path: path)
    }
    do throws(Impostor) {
      try Self.checkListener(fd, path)
    } catch {
      close(fd)
      throw error
    }
    descriptor = fd
    self.path = path
    patienceMilliseconds = patienceSeconds * 1000
  }

  deinit { close(descriptor) }

  /// A tracer listens before it becomes another user. Whoever owns the socket's directory could replace
  /// the socket in any case; anybody else who listens has found a directory that everybody may write to.
  static func checkListener(_ fd: Int32, _ path: String) throws(Impostor) {
    var user = uid_t.max
    guard nst_peer_user(fd, &user) == 0, user == 0 || user == geteuid() || user == owner(of: path)
    else { throw Impostor(path: path, user: user) }
  }

  /// The owner of the directory; nil: it cannot be looked at.
  private static func owner(of path: String) -> uid_t? {
    let end = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    var status = stat()
    return stat("\(path[..<end]).", &status) == 0 ? status.st_uid : nil
  }

  private func ask(_ line: [UInt8], each: ([UInt8]) throws -> Void) throws -> ControlReply {
    var rest: [UInt8] = []
    try begin(line, &rest)
    while true {
      let line = try receiveLine(&rest)
      guard Self.heads.contains(where: line.starts) else {
        return try JSONDecoder().decode(ControlReply.self, from: Data(line))
      }
      try each(line)
    }
  }

  /// Sends the request, and waits for the first bytes of its answer.
  /// - Throws: `Closed`, `SystemError`.
  private func begin(_ line: [UInt8], _ rest: inout [UInt8]) throws {
    do throws(SystemError) {
      try send(line)
      try receive(&rest)
    } catch {
      throw [ECONNRESET, EPIPE].contains(error.errno) ? Closed() : error
    }
  }

  /// The beginnings of the lines before the last.
  static let heads = ["{\"type\":", "{\"text\":"].map { Array($0.utf8) }

  private func send(_ line: [UInt8]) throws(SystemError) {
    var rest = line[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { rest = rest.dropFirst(count) } else { try wait(POLLOUT) }
    }
  }

  /// - Parameter rest: bytes that were received after the previous line.
  private func receiveLine(_ rest: inout [UInt8]) throws(SystemError) -> [UInt8] {
    var looked = 0
    while true {
      if let end = rest[looked...].firstIndex(of: 0x0a) {
        defer { rest.removeSubrange(...end) }
        return Array(rest[..<end])
      }
      looked = rest.count
      try receive(&rest)
    }
  }

  /// Waits for the next bytes, and appends them.
  private func receive(_ bytes: inout [UInt8]) throws(SystemError) {
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = read(descriptor, &piece, piece.count)
      if count == 0 { throw SystemError("receive from the tracer on \(path)", errno: ECONNRESET) }
      if count > 0 { return bytes += piece[..<count] }
      try wait(POLLIN)
    }
  }

  /// Waits for `event` after a call that failed because it would have blocked.
  /// - Throws: `SystemError` if the call failed otherwise, or the tracer takes too long.
  private func wait(_ event: Int32) throws(SystemError) {
    guard errno == EAGAIN || errno == EINTR else {
      throw SystemError("exchange data with the tracer on \(path)", errno: errno)
    }
    var fd = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    guard poll(&fd, 1, patienceMilliseconds) != 0 else {
      throw SystemError("receive from the tracer on \(path)", errno: ETIMEDOUT)
    }
  }
}
