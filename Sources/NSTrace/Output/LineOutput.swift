// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A file that takes whole lines. What it does not take at once is kept, for a time when it does.
///
/// No write waits for a reader. After an error the file ends with its last whole line, and is tried
/// again a second later.
struct LineOutput: ~Copyable {
  private(set) var file: FileDescriptor
  private var backlog = Backlog()
  /// The error of the last write; nil: it has taken what it could.
  private(set) var failure: SystemError?
  /// Whether the file takes nothing any more.
  private(set) var isClosed = false
  /// The number of lines that it was handed and will never take.
  private(set) var abandoned: UInt64 = 0
  private var retry = ContinuousClock.now
  /// The log's names and limits; nil: it is no log.
  private var log: LogSpace?

  /// Whether writes wait for the reader.
  private let isPatient: Bool

  init(_ file: consuming FileDescriptor, isPatient: Bool, log: LogSpace? = nil) {
    self.file = file
    self.isPatient = isPatient
    self.log = log
    self.log?.begin(self.file)
  }

  /// The number of bytes that wait.
  var waiting: Int { backlog.count }
  /// Whether poll(2) says when the file takes more.
  var awaitsReader: Bool { !isClosed && failure == nil && !backlog.isEmpty && file.size == nil }

  /// Whether the file system is full and the run is to end then.
  var endsRun: Bool { failure?.isNoSpace == true && log?.limits.whenFull == .stop }

  /// Takes whole lines.
  mutating func put(_ lines: UnsafeRawBufferPointer) {
    if isPatient && !isClosed { return unsafe writeAll(lines) }
    var progress = LineProgress()
    if !isClosed, backlog.isEmpty, isDue { progress = unsafe write(lines, from: 0) }
    if progress.whole == lines.count { return }
    unsafe keep(lines, behind: progress)
  }

  /// Writes what the file takes now.
  mutating func drain() {
    guard !isClosed, !backlog.isEmpty, isDue else { return }
    var waiting = Backlog()
    swap(&waiting, &backlog)
    let progress = unsafe waiting.withBytes { unsafe write($0, from: waiting.taken) }
    waiting.advance(to: progress)
    swap(&waiting, &backlog)
    if isClosed { abandon() }
  }

  /// Tries again at once.
  mutating func hurry() { retry = .now }

  /// Waits until the file takes more, at most `milliseconds`.
  /// - Throws: `SystemError`: ETIMEDOUT if nobody reads.
  func wait(milliseconds: Int32) throws(SystemError) {
    guard try file.waitWritable(milliseconds: milliseconds) else {
      throw SystemError("write the rest, for nobody reads \(file.name)", errno: ETIMEDOUT)
    }
  }

  /// Goes on in another file, with what the old one has not taken.
  mutating func replace(_ file: consuming FileDescriptor) {
    self.file = file
    log?.begin(self.file)
    backlog.restart()
    (failure, isClosed) = (nil, false)
    drain()
  }

  /// Closes the file, for another to come later.
  /// - Returns: the number of lines that it has not taken.
  mutating func release() -> UInt64 {
    let lines = backlog.lines
    backlog.removeAll()
    (failure, isClosed) = (nil, false)
    file = .absent(file.name)
    return lines
  }

  /// Gives the file up.
  mutating func close(_ error: SystemError) {
    failure = error
    isClosed = true
    abandon()
  }

  /// Gives up what waits. Nobody misses what a reader did not wait for.
  mutating func abandon() {
    if failure?.isClosedPipe != true { abandoned += backlog.lines }
    backlog.removeAll()
  }

  private mutating func keep(_ lines: UnsafeRawBufferPointer, behind progress: LineProgress) {
    let wasEmpty = backlog.isEmpty
    unsafe backlog.append(lines)
    if wasEmpty { backlog.advance(to: progress) }
    if isClosed { abandon() }
  }
}

// MARK: - Writing

extension LineOutput {
  /// Whether it is time for a write.
  private var isDue: Bool { failure == nil || ContinuousClock.now >= retry }

  private mutating func writeAll(_ lines: UnsafeRawBufferPointer) {
    do throws(SystemError) {
      try unsafe file.write(lines)
    } catch {
      close(error)
    }
  }

  /// Writes `lines` from the byte `first` on, as far as the file takes them.
  private mutating func write(_ lines: UnsafeRawBufferPointer, from first: Int) -> LineProgress {
    var done = first
    while true {
      do throws(SystemError) {
        try unsafe write(lines, &done)
        failure = nil
        return unsafe LineProgress(lines, done)
      } catch {
        if log?.makesRoom(after: error) != true { return unsafe fail(error, lines, done) }
      }
    }
  }

  private mutating func write(
    _ lines: UnsafeRawBufferPointer, _ done: inout Int
  ) throws(SystemError) {
    while done < lines.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: lines[done...])
      let room = unsafe log?.room(for: rest) ?? rest.count
      if room == 0 {
        rotate()
        continue
      }
      try log?.check(file, bytes: room)
      let count = try unsafe file.writeSome(UnsafeRawBufferPointer(rebasing: rest[..<room]))
      if count == 0 { return }
      done += count
      log?.add(count)
    }
  }

  private mutating func rotate() {
    guard let next = log?.rotate() else { return }
    file = next
    log?.begin(file)
  }

  /// Cuts half a line off, or closes the output if its file cannot work again.
  private mutating func fail(
    _ error: SystemError, _ lines: UnsafeRawBufferPointer, _ done: Int
  ) -> LineProgress {
    var progress = unsafe LineProgress(lines, done)
    guard log != nil || file.size != nil && error.passes else {
      close(error)
      return progress
    }
    (failure, retry) = (error, .now + .seconds(1))
    if progress.part > 0, file.cut(progress.part) {
      log?.add(-progress.part)
      progress.part = 0
    }
    return progress
  }

  /// Why the last rotation failed, once.
  mutating func takeRotationFailure() -> SystemError? {
    defer { log?.failure = nil }
    return log?.failure
  }
}
