// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Serves the connected clients within the tracer's own loop, and never waits for a client.
///
/// A turn is `begin`, then `nextCall` and `answer` for each call, then `end`. A turn takes one request
/// of each client, so a client that sends many does not hold up the tracer.
struct ControlServer: ~Copyable {
  /// A request, its caller, and the connection for the answer.
  struct Call {
    let request: ControlRequest
    let caller: ControlCaller
    fileprivate let connection: Int
  }

  private var socket: ControlSocket
  private var connections: [ControlConnection] = []
  /// Counts when clients were active; the connection with the least `lastHeard` has been silent longest.
  private var heard: UInt64 = 0
  /// The index of the connection whose request is taken next in this turn.
  private var cursor = 0

  private static let connectionsMax = 64
  /// How many answers of many lines exist at once. Each holds a summary of all containers and tasks.
  private static let answersMax = 4

  init(_ socket: consuming ControlSocket) { self.socket = socket }

  /// Leaves the removal of the socket to an attendant.
  mutating func attend() { socket.attend() }

  deinit { for connection in connections { connection.close() } }

  /// Adds the descriptors for poll(2). Give the polled ones to `begin`.
  func addDescriptors(to polled: inout [pollfd]) {
    polled.append(pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0))
    for connection in connections {
      polled.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
    }
  }

  /// Whether a request has been read already, so that poll(2) must not wait.
  var hasRequest: Bool { connections.contains { $0.hasRequest } }

  /// Begins a turn: sends to and reads from the polled connections, and accepts new ones.
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

  /// The next request of this turn; nil: there is none. A line that is no request is answered here.
  /// - Parameter isCapable: whether a process has CAP_AUDIT_CONTROL in the initial user namespace.
  mutating func nextCall(isCapable: (UInt32) throws -> Bool) -> Call? {
    while cursor < connections.count {
      let index = cursor
      cursor += 1
      do throws(ControlReply.Refusal) {
        guard let line = try connections[index].takeLine() else { continue }
        // Asked for each request, because a process can drop its capabilities.
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

  /// Answers with many lines. If there are too many such answers, the client that read longest ago is dropped.
  mutating func answer(_ call: Call, _ lines: any LineMaker) {
    let answering = connections.indices.filter { connections[$0].isAnswering }
    if answering.count >= Self.answersMax,
      let slowest = answering.min(by: { connections[$0].lastHeard < connections[$1].lastHeard })
    {
      connections[slowest].drop()
    }
    connections[call.connection].answer(lines)
  }

  /// Ends a turn: closes the connections that are over.
  mutating func end() {
    connections.removeAll { connection in
      if connection.isOver { connection.close() }
      return connection.isOver
    }
  }

  /// Of too many connections it closes the one that has been silent longest.
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
