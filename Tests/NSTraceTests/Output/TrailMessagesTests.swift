// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import NSTrace

/// The output to the kernel's audit trail, with a scripted clock and port.
@Suite struct TrailMessagesTests {
  /// Takes texts while it has room for them.
  private final class Port: AuditPort {
    var room = Int.max
    var hasEnded = false
    private(set) var texts: [String] = []

    func put(_ text: UnsafeRawBufferPointer) throws(SystemError) -> Bool {
      if hasEnded { throw SystemError("send audit messages", errno: EPIPE) }
      guard texts.count < room else { return false }
      texts.append(String(decoding: text, as: UTF8.self))
      return true
    }

    func wait(milliseconds: Int32) throws(SystemError) {
      guard texts.count < room else { throw SystemError("send the rest", errno: ETIMEDOUT) }
    }

    /// `NS_CREATE 17`, and of a loss its number and cause.
    var summaries: [String] {
      texts.map { text in
        let fields = Dictionary(
          text.split(separator: " ").map { field in
            let parts = field.split(separator: "=", maxSplits: 1)
            return (String(parts[0]), String(parts.last ?? "").replacing("\"", with: ""))
          }, uniquingKeysWith: { first, _ in first })
        let loss = fields["lost"].map { " \($0) \(fields["cause"] ?? "")" } ?? ""
        return "\(fields["op"] ?? "") \(fields["nsserial"] ?? "")\(loss)"
      }
    }
  }

  private let start = ContinuousClock.now
  private let port = Port()

  private func output(perSecond: Int = 50) -> TrailMessages {
    TrailMessages(
      AuditMessageFormat([.nsCreate], run: Array("1.000000000".utf8)),
      MessageRate(perSecond: perSecond, at: start), to: port)
  }

  private func created(_ serial: UInt64) -> AuditEvent {
    var event = SampleEvents.created
    event.serial = serial
    return event
  }

  private func registered(_ serial: UInt64) -> AuditEvent {
    var event = SampleEvents.registered
    event.serial = serial
    return event
  }

  @Test func `a flood costs itself alone: what goes first is sent, and one NS_LOST for the rest`() {
    var output = output()
    for serial in 1...1000 { output.write(created(UInt64(serial)), at: start) }
    output.write(registered(1001), at: start)
    #expect(port.summaries == (1...16).map { "NS_CREATE \($0)" } + ["CONTAINER_OP 1001"])
    #expect(output.missing == 984)
    #expect(output.due == start + .milliseconds(340))
    output.drain(at: start + .milliseconds(339))
    #expect(port.texts.count == 17)
    output.drain(at: start + .milliseconds(340))
    #expect(port.summaries[17...] == ["NS_LOST 1000 984 rate"])
    #expect(output.due == nil)
    output.write(created(1002), at: start + .milliseconds(340))
    #expect(port.summaries[18...] == ["NS_CREATE 1002"])
    #expect(output.handed == 19)
  }

  @Test func `even what goes first has a rate`() {
    var output = output()
    for serial in 1...100 { output.write(registered(UInt64(serial)), at: start) }
    #expect(port.summaries == (1...32).map { "CONTAINER_OP \($0)" })
    output.drain(at: start + .milliseconds(320))
    #expect(port.summaries[32...] == ["NS_LOST 100 68 rate"])
    output.write(registered(101), at: start + .milliseconds(320))
    #expect(port.summaries[33...] == ["CONTAINER_OP 101"])
  }

  @Test func `what the port does not take waits, and goes in its order`() {
    var output = output()
    port.room = 1
    for serial in 1...3 { output.write(registered(UInt64(serial)), at: start) }
    #expect(port.summaries == ["CONTAINER_OP 1"])
    #expect(output.isWaiting && output.handed == 1 && !output.state.hasGap)
    port.room = .max
    output.drain(at: start)
    #expect(port.summaries == (1...3).map { "CONTAINER_OP \($0)" })
    #expect(!output.isWaiting && output.handed == 3)
  }

  @Test func `of what waits there is a limit, and one NS_LOST says what is beyond`() throws {
    var output = output(perSecond: 10_000)
    port.room = 0
    var serial: UInt64 = 0
    while !output.state.hasGap {
      serial += 1
      output.write(registered(serial), at: start + .milliseconds(Int64(serial)))
    }
    // The records of 256 KiB.
    let waiting = serial - 1
    #expect(waiting > 500 && waiting < 2000)
    for more in 1...9 {
      output.write(registered(serial + UInt64(more)), at: start + .milliseconds(Int64(serial)))
    }
    #expect(output.missing == 10 && output.due == nil)
    port.room = .max
    output.drain(at: start + .seconds(10))
    let expected = (1...waiting).map { "CONTAINER_OP \($0)" } + ["NS_LOST \(serial + 9) 10 trail"]
    #expect(port.summaries == expected)
    #expect(!output.state.hasGap && output.state.works)
  }

  @Test func `an end tells what is left out, whatever the rate`() {
    var output = output()
    for serial in 1...40 { output.write(registered(UInt64(serial)), at: start) }
    output.finish(waiting: 1)
    #expect(port.summaries.last == "NS_LOST 40 8 rate")
    #expect(output.handed == 33)
  }

  @Test func `a port that has ended costs what waits, and what comes is counted`() {
    var output = output()
    port.room = 0
    output.write(registered(1), at: start)
    port.hasEnded = true
    output.write(registered(2), at: start)
    #expect(output.failure?.errno == EPIPE && output.missing == 2 && !output.isWaiting)
    output.finish(waiting: 1)
    #expect(port.texts == [] && output.state.isDead)
  }

  @Test func `a port that takes nothing at the end is not waited for in vain`() {
    var output = output()
    port.room = 0
    output.write(registered(1), at: start)
    output.finish(waiting: 1)
    #expect(output.failure?.errno == ETIMEDOUT && output.missing == 1)
  }

  @Test func `events that are no messages cost nothing`() {
    var output = output()
    for _ in 1...1000 { output.write(SampleEvents.changed, at: start) }
    output.write(SampleEvents.destroyed)
    output.flush()
    #expect(port.texts == [] && output.missing == 0)
  }
}
