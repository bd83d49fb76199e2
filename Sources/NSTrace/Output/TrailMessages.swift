// SPDX-License-Identifier: Apache-2.0

/// The output to the kernel's audit trail: some records of each event, as user messages (T19).
///
/// It never waits. Messages beyond the rate are left out, and so are those for which there is no room while
/// the port takes none. Once there is room again, an NS_LOST stands for them.
package struct TrailMessages: AuditEventSink, ~Copyable {
  private var format: AuditMessageFormat
  private var rate: MessageRate
  private let port: any AuditPort
  private var messages = AuditMessageText()
  private var queue = MessageQueue()
  /// What is beyond the rate.
  private var excess = OutputGap()
  /// That for which there was no room.
  private var overflow = OutputGap()
  /// The error with which the port has ended; nil: it has not.
  package private(set) var failure: SystemError?
  /// The number of messages that were handed to the port.
  package private(set) var handed: UInt64 = 0
  /// The numbers of records that were left out for the rate, and for want of room or of the port.
  private var (beyondRate, withoutRoom): (UInt64, UInt64) = (0, 0)
  /// The number of records that were left out.
  package var missing: UInt64 { beyondRate + withoutRoom }

  package init(
    _ format: consuming AuditMessageFormat, _ rate: MessageRate, to port: any AuditPort
  ) {
    self.format = format
    self.rate = rate
    self.port = port
  }

  package mutating func write(_ event: borrowing AuditEvent) {
    if format.concerns(event) { write(event, at: .now) }
  }

  mutating func write(_ event: borrowing AuditEvent, at now: ContinuousClock.Instant) {
    drain(at: now)
    format.write(event, to: &messages)
    for index in messages.parts.indices {
      let rank: MessageRate.Rank = messages.parts[index].type.goesFirst ? .first : .other
      if rate.take(rank, at: now) {
        put(messages.parts[index].range, of: event)
      } else {
        excess.add(event, records: 1)
        beyondRate += 1
      }
    }
  }

  package mutating func flush() { drain() }

  /// Hands over what waits, as far as the port takes it, and tells what was left out once there is room.
  package mutating func drain() {
    if hasNothingToDo { return }
    drain(at: .now)
  }

  private var hasNothingToDo: Bool {
    queue.isEmpty && excess.records == 0 && overflow.records == 0
  }

  mutating func drain(at now: ContinuousClock.Instant) {
    pass()
    if overflow.records > 0, queue.isEmpty, rate.take(.first, at: now) { tellOverflow() }
    // Else the NS_LOST would be left out itself.
    guard overflow.records == 0, queue.isHalfEmpty else { return }
    if rate.reopen(at: now), excess.records > 0 { tellExcess() }
  }

  /// Writes the rest, whatever the rate: nothing more comes.
  /// - Parameter milliseconds: how long it waits for the port, from one message to the next.
  package mutating func finish(waiting milliseconds: Int32) {
    passAll(waiting: milliseconds)
    if overflow.records > 0 { tellOverflow() }
    if excess.records > 0 { tellExcess() }
    passAll(waiting: milliseconds)
  }

  private mutating func passAll(waiting milliseconds: Int32) {
    pass()
    while !queue.isEmpty {
      do throws(SystemError) {
        try port.wait(milliseconds: milliseconds)
        pass()
      } catch {
        close(error)
      }
    }
  }

  /// Gives the port up.
  package mutating func close(_ error: SystemError) {
    failure = failure ?? error
    withoutRoom += UInt64(queue.count)
    queue.removeAll()
  }
}

// MARK: - What is left out

extension TrailMessages {
  /// Whether messages wait.
  package var isWaiting: Bool { !queue.isEmpty }
  /// When there is room again for what was left out; nil: nothing was, or the port says it.
  package var due: ContinuousClock.Instant? {
    excess.records > 0 && failure == nil ? rate.due : nil
  }

  /// How the output fares. What is beyond the rate is no failure.
  package var state: OutputState {
    OutputState(
      failure: failure, isClosed: failure != nil, hasGap: overflow.records > 0,
      works: failure == nil && overflow.records == 0, missing: withoutRoom, records: handed,
      awaited: nil)
  }

  private mutating func tellExcess() {
    let gap = excess
    excess = OutputGap()
    tell(gap, .rate)
  }

  private mutating func tellOverflow() {
    let gap = overflow
    overflow = OutputGap()
    tell(gap, .trail)
  }

  private mutating func tell(_ gap: OutputGap, _ cause: LostRecord.Cause) {
    let event = gap.event(cause: cause)
    format.write(event, to: &messages)
    for index in messages.parts.indices { put(messages.parts[index].range, of: event) }
  }
}

// MARK: - The port

extension TrailMessages {
  private mutating func put(_ range: Range<Int>, of event: borrowing AuditEvent) {
    if keep(range) { return pass() }
    withoutRoom += 1
    if failure == nil { overflow.add(event, records: 1) }
  }

  /// - Returns: false: there is no room. What follows a gap comes behind the NS_LOST of it.
  private mutating func keep(_ range: Range<Int>) -> Bool {
    guard failure == nil, overflow.records == 0 else { return false }
    return unsafe messages.text.withBytes {
      unsafe queue.append(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  private mutating func pass() {
    while !queue.isEmpty {
      do throws(SystemError) {
        guard try passFirst() else { return }
        queue.removeFirst()
        handed += 1
      } catch {
        close(error)
      }
    }
  }

  private func passFirst() throws(SystemError) -> Bool {
    let outcome = unsafe queue.withFirst { message in
      Result { () throws(SystemError) in try unsafe port.put(message) }
    }
    return try outcome.get()
  }
}
