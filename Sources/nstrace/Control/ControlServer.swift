// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Those who are connected, served inside the tracer's own loop: it never waits for anybody.
///
/// A turn is `begin`, `nextCall` and `answer` for each call, `end`. It takes one request of each
/// client, so that a client that sends many has to wait, and not the tracer.
struct ControlServer: ~Copyable {
  /// A request, who asks it, and where the answer goes.
  struct Call {
    let request: ControlRequest
    let caller: ControlCaller
    fileprivate let connection: Int
  }

  private let socket: ControlSocket
  private var connections: [ControlConnection] = []
  /// How often something was heard: the clock of who has been silent longest.
  private var heard: UInt64 = 0
  /// The connection that is looked at next in this turn.
  private var cursor = 0

  private static let connectionsMax = 64
  /// Each keeps what it has still to tell: so much for each container, namespace and task in one.
  private static let answersMax = 4

  init(_ socket: consuming ControlSocket) { self.socket = socket }

  deinit { for connection in connections { connection.close() } }

  /// What poll(2) is to wait for: just these are then given to `begin`.
  var pollDescriptors: [pollfd] {
    [pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)]
      + connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
  }

  /// A request is here already: do not wait.
  var hasRequest: Bool { connections.contains { $0.hasRequest } }

  /// Reads from those who have sent something.
  mutating func begin(_ polled: some Collection<pollfd>) {
    cursor = 0
    for (index, fd) in zip(connections.indices, polled.dropFirst()) where fd.revents != 0 {
      heard += 1
      connections[index].lastHeard = heard
      connections[index].send()
      connections[index].receive()
    }
    if let listening = polled.first, listening.revents != 0 { acceptAll() }
  }

  /// The next request of this turn; what is none is answered here.
  /// - Parameter isCapable: whether a process has CAP_AUDIT_CONTROL where it counts.
  mutating func nextCall(isCapable: (UInt32) throws -> Bool) -> Call? {
    while cursor < connections.count {
      let index = cursor
      cursor += 1
      do throws(ControlReply.Refusal) {
        guard let line = try connections[index].takeLine() else { continue }
        // Looked at anew each time: capabilities can be dropped.
        return Call(
          request: try ControlRequest(line: line),
          caller: ControlCaller(of: connections[index].descriptor, isCapable: isCapable),
          connection: index)
      } catch {
        connections[index].answer(ControlReply(error), isLast: true)
      }
    }
    return nil
  }

  mutating func answer(_ call: Call, _ reply: ControlReply, isLast: Bool = false) {
    connections[call.connection].answer(reply, isLast: isLast)
  }

  /// Answers with many lines. Where too many are being told already, who took something longest ago
  /// makes room.
  mutating func answer(_ call: Call, _ lines: any LineMaker) {
    let told = connections.indices.filter { connections[$0].isBeingTold }
    if told.count >= Self.answersMax,
      let slowest = told.min(by: { connections[$0].lastHeard < connections[$1].lastHeard })
    {
      connections[slowest].drop()
    }
    connections[call.connection].answer(lines)
  }

  /// Closes what is over.
  mutating func end() {
    connections.removeAll { connection in
      if connection.isOver { connection.close() }
      return connection.isOver
    }
  }

  /// Who has been silent longest makes room for a new one.
  private mutating func acceptAll() {
    for _ in 0..<Self.connectionsMax {
      guard let client = socket.accept() else { return }
      if connections.count == Self.connectionsMax {
        let silent = connections.indices.min {
          connections[$0].lastHeard < connections[$1].lastHeard
        }
        if let silent { connections.remove(at: silent).close() }
      }
      heard += 1
      connections.append(ControlConnection(client, heard: heard))
    }
  }
}
