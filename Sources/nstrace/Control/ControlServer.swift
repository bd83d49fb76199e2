// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// Serves the connected clients within the tracer's own loop, and never waits for a client.
///
/// A turn is `begin`, then `nextCall` and `answer` for each call, then `end`. A turn takes one request
/// of each client, so a client that sends many does not hold up the tracer.
///
/// While all places are taken, the next clients wait in the kernel's queue until one comes free, or until
/// one may be closed for them: see `leastWorthy`. Nothing has been done for a client that is closed without an answer.
struct ControlServer: ~Copyable {
  /// A request, its caller, and the connection for the answer.
  struct Call {
    let request: ControlRequest
    let caller: ControlCaller
    fileprivate let connection: Int
  }

  private var socket: ControlSocket
  /// The oldest first.
  private var connections: [ControlConnection] = []
  /// When the turn began.
  private var now = ContinuousClock.now
  private var crowd = ControlCrowd()
  /// The index of the connection whose request is taken next in this turn.
  private var cursor = 0

  static let connectionsMax = 64
  /// How many clients are accepted in a turn, whoever they are: some 2 ms.
  private static let acceptedMax = 256
  /// How many answers of many lines exist at once. Each holds a summary of all containers and tasks.
  private static let answersMax = 4

  init(_ socket: consuming ControlSocket) { self.socket = socket }

  /// Leaves the removal of the socket to an attendant.
  mutating func attend() { socket.attend() }

  deinit { for connection in connections { connection.close() } }

  /// Adds the descriptors for poll(2). Give the polled ones to `begin`.
  func addDescriptors(to polled: inout [pollfd], at now: ContinuousClock.Instant = .now) {
    let listening = hasPlace(at: now) ? socket.descriptor : -1
    polled.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
    for connection in connections {
      polled.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
    }
  }

  /// When poll(2) must end at the latest: at once if a request has been read already. nil: it may wait.
  func due(at now: ContinuousClock.Instant = .now) -> ContinuousClock.Instant? {
    if connections.contains(where: { $0.hasRequest }) { return now }
    return hasPlace(at: now) ? nil : connections.lazy.map(\.keptUntil).min()
  }

  /// Begins a turn: sends to and reads from the polled connections, and accepts new ones.
  mutating func begin(_ polled: some Collection<pollfd>, at now: ContinuousClock.Instant = .now) {
    cursor = 0
    self.now = now
    for (index, fd) in zip(connections.indices, polled.dropFirst()) where fd.revents != 0 {
      connections[index].send(at: now)
      connections[index].receive(at: now)
    }
    if let listening = polled.first, listening.revents != 0 { acceptAll() }
  }

  /// The next request of this turn; nil: there is none. A line that is no request is answered here.
  /// - Parameter facts: asks the kernel about a process.
  mutating func nextCall(facts: ControlCaller.Question) -> Call? {
    while cursor < connections.count {
      let index = cursor
      cursor += 1
      do throws(ControlReply.Refusal) {
        guard let line = try connections[index].takeLine() else { continue }
        // Asked for each request, because a process can drop its capabilities.
        let (descriptor, user) = (connections[index].descriptor, connections[index].user)
        return Call(
          request: try ControlRequest(line: line),
          caller: ControlCaller(of: descriptor, user: user, facts: facts),
          connection: index)
      } catch {
        connections[index].answer(ControlReply(error), isLast: true, at: now)
      }
    }
    return nil
  }

  mutating func answer(_ call: Call, _ reply: ControlReply, isLast: Bool = false) {
    connections[call.connection].answer(reply, isLast: isLast, at: now)
  }

  /// Answers with many lines. If there are too many such answers, the client that read longest ago is dropped.
  mutating func answer(_ call: Call, _ lines: any LineMaker) {
    let answering = connections.indices.filter { connections[$0].isAnswering }
    if answering.count >= Self.answersMax,
      let slowest = answering.min(by: { connections[$0].keptUntil < connections[$1].keptUntil })
    {
      connections[slowest].drop()
      crowd.closed += 1
    }
    connections[call.connection].answer(lines, at: now)
  }

  /// Ends a turn: closes the connections that are over.
  mutating func end() {
    connections.removeAll { connection in
      if connection.isOver { connection.close() }
      return connection.isOver
    }
  }

  /// How many clients were closed for others, unserved, since this was last told; nil: nothing to tell yet.
  mutating func takeClosed(isLast: Bool = false) -> Int? { crowd.take(at: now, isLast: isLast) }

  private mutating func acceptAll() {
    for _ in 0..<Self.acceptedMax {
      guard hasPlace(at: now), let client = socket.accept() else { return }
      var connection = ControlConnection(client, at: now)
      connection.receive(at: now)
      if connection.isOver {
        connection.close()
      } else {
        makePlace()
        connections.append(connection)
      }
    }
  }

  private func hasPlace(at now: ContinuousClock.Instant) -> Bool {
    connections.count < Self.connectionsMax || leastWorthy(at: now) != nil
  }

  private mutating func makePlace() {
    guard connections.count == Self.connectionsMax, let index = leastWorthy(at: now) else { return }
    let connection = connections.remove(at: index)
    connection.close()
    if !connection.isServed { crowd.closed += 1 }
  }

  /// The connection that gives way: the oldest of the user with the most connections. Those of root and of the
  /// tracer's own user come last, and only if the tracer waits for the client; nil: there is none.
  private func leastWorthy(at now: ContinuousClock.Instant) -> Int? {
    let strangers = connections.indices.filter { !Self.isTrusted(connections[$0].user) }
    guard strangers.isEmpty else {
      return strangers.max { count(of: connections[$0].user) < count(of: connections[$1].user) }
    }
    return connections.firstIndex { $0.keptUntil <= now }
  }

  private func count(of user: uid_t?) -> Int { connections.count { $0.user == user } }

  private static func isTrusted(_ user: uid_t?) -> Bool { user == 0 || user == geteuid() }
}
