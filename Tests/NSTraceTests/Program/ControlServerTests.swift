// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

@testable import nstrace

/// Who gives way when there are more clients than places. The clock is the test's.
@Suite struct ControlServerTests {
  private static let places = ControlServer.connectionsMax
  private static let request = Array("{\"op\":\"containers\"}\n".utf8)

  /// A server, and what has connected to it.
  private struct Scene: ~Copyable {
    let directory: ScratchDirectory
    let path: String
    var server: ControlServer
    var now = ContinuousClock.now

    init() throws {
      let directory = try ScratchDirectory()
      let path = directory.file("s")
      let server = ControlServer(try ControlSocket(at: path))
      self.directory = directory
      self.path = path
      self.server = server
    }

    func connect(_ count: Int = 1, sending bytes: [UInt8] = []) throws -> [Int32] {
      try (0..<count).map { _ in
        let peer = try ControlPeer(path)
        peer.send(bytes)
        return peer.release()
      }
    }

    /// One turn.
    /// - Parameter lines: the answer to all that is asked; nil: EPERM.
    /// - Returns: how many requests were answered.
    @discardableResult
    mutating func serve(_ lines: (any LineMaker)? = nil) -> Int {
      var polled: [pollfd] = []
      server.addDescriptors(to: &polled, at: now)
      poll(&polled, nfds_t(polled.count), 0)
      server.begin(polled, at: now)
      var calls = 0
      while let call = server.nextCall(facts: { _, _ in ControlCallerFacts() }) {
        calls += 1
        if let lines {
          server.answer(call, lines)
        } else {
          server.answer(call, ControlReply(ControlQuery.notPermitted))
        }
      }
      server.end()
      return calls
    }

    mutating func takeClosed() -> Int? { server.takeClosed(isLast: true) }

    /// Whether the next client is accepted.
    func listens() -> Bool {
      var polled: [pollfd] = []
      server.addDescriptors(to: &polled, at: now)
      return polled[0].fd >= 0
    }

    func due() -> Duration? { server.due(at: now).map { $0 - now } }
  }

  /// Whether the server has closed the connection.
  private static func isClosed(_ peer: Int32) -> Bool {
    var byte: UInt8 = 0
    let count = recv(peer, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    return count == 0 || count < 0 && errno == ECONNRESET
  }

  /// Which connections the server has closed, once `count` of them are or 10 s are over. Until its execve(2),
  /// a process that another test forks holds each connection that was open at its fork.
  private static func closed(_ count: Int, of peers: [Int32]) -> [Bool] {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      let closed = peers.map(isClosed)
      if closed.count(where: \.self) >= count || ContinuousClock.now > deadline { return closed }
      poll(nil, 0, 1)
    }
  }

  @Test func `a silent client is waited for, and then the oldest gives way`() throws {
    var scene = try Scene()
    let peers = try scene.connect(Self.places + 2)
    defer { peers.forEach { close($0) } }
    scene.serve()
    var (listens, due) = (scene.listens(), scene.due())
    #expect(!listens && due == .milliseconds(100))
    scene.now += .milliseconds(99)
    scene.serve()
    #expect(peers.filter(Self.isClosed).isEmpty)
    scene.now += .milliseconds(1)
    (listens, due) = (scene.listens(), scene.due())
    #expect(listens && due == nil)
    scene.serve()
    #expect(Self.closed(2, of: peers) == peers.indices.map { $0 < 2 })
    let closed = scene.takeClosed()
    #expect(closed == 2)
  }

  @Test func `half a line is not waited for`() throws {
    var scene = try Scene()
    let halves = try scene.connect(500, sending: Array(Self.request.dropLast()))
    defer { halves.forEach { close($0) } }
    let polite = try scene.connect(sending: Self.request)
    defer { polite.forEach { close($0) } }
    var turns = 0
    while scene.serve() == 0 { turns += 1 }
    // 256 are accepted in each.
    #expect(turns == 1)
    let count = 501 - Self.places
    #expect(Self.closed(count, of: halves).count(where: \.self) == count)
    #expect(!Self.isClosed(polite[0]))
  }

  @Test func `whoever has asked is answered, however many ask at once`() throws {
    var scene = try Scene()
    let peers = try scene.connect(400, sending: Self.request)
    defer { peers.forEach { close($0) } }
    var answered = 0
    while answered < 400 { answered += scene.serve() }
    #expect(answered == 400)
    let closed = scene.takeClosed()
    #expect(closed == nil)
    let answer = ControlReply(ControlQuery.notPermitted).line
    for peer in peers {
      var bytes = [UInt8](repeating: 0, count: 1000)
      let count = read(peer, &bytes, bytes.count)
      #expect(Array(bytes.prefix(count)) == answer)
    }
  }

  private struct Endless: LineMaker {
    mutating func writeNext(to text: inout TextBuffer) -> Bool {
      text.append("{\"type\":\"x\"}\n")
      return true
    }
  }

  @Test func `an answer that nobody reads is kept for a second`() throws {
    var scene = try Scene()
    let reader = try scene.connect(sending: Self.request)
    defer { reader.forEach { close($0) } }
    let asked = scene.serve(Endless())
    #expect(asked == 1)
    let others = try scene.connect(Self.places, sending: Array(Self.request.dropLast()))
    defer { others.forEach { close($0) } }
    scene.serve()
    #expect(Self.closed(1, of: others) == others.indices.map { $0 < 1 })
    // The next takes the reader's place.
    scene.now += .seconds(1)
    let next = try scene.connect()
    defer { next.forEach { close($0) } }
    scene.serve()
    let closed = scene.takeClosed()
    #expect(closed == 2)
    #expect(Self.closed(1, of: others) == others.indices.map { $0 < 1 })
  }

  @Test(.enabled(if: geteuid() == 0, "others have to connect"))
  func `of other users the one with the most gives way, and root's are kept`() throws {
    var scene = try Scene()
    chmod(scene.directory.path, 0o755)
    chmod(scene.path, 0o666)
    let first = try scene.connect(10)
    defer { first.forEach { close($0) } }
    scene.serve()
    let crowd = try Self.crowd(1000, at: scene.path)
    let last = try scene.connect(10, sending: Self.request)
    defer { last.forEach { close($0) } }
    var answered = 0
    while answered < 10 { answered += scene.serve() }
    #expect(answered == 10)
    #expect((first + last).filter(Self.isClosed).isEmpty)
    let closed = scene.takeClosed()
    #expect(closed == 1020 - Self.places)
    #expect(crowd.status == nil)
  }

  private static func crowd(_ count: Int, at path: String) throws -> ChildProcess {
    var crowd = try ChildProcess(
      BuiltProducts.nsactor, ["connect-many", path, "\(count)"], input: .open)
    try crowd.wait(for: "the crowd") {
      $0.outputText == "connect_many.connected=1\n" || $0.status != nil
    }
    #expect(crowd.status == nil)
    return crowd
  }

  @Test func `what was closed is told at once, then once a minute, and at the end`() {
    var crowd = ControlCrowd()
    var now = ContinuousClock.now
    func take(isLast: Bool = false) -> Int? { crowd.take(at: now, isLast: isLast) }
    #expect(take() == nil)
    crowd.closed = 3
    #expect(take() == 3)
    crowd.closed = 2
    #expect(take() == nil)
    now += .seconds(60)
    #expect(take() == 2)
    crowd.closed = 1
    #expect(take() == nil)
    #expect(take(isLast: true) == 1)
    #expect(take(isLast: true) == nil)
  }
}
