// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
@testable internal import NSTrace
@testable internal import Program

/// Sends any bytes to a real control server with a real socket and tracker, in pieces whose size the
/// first byte chooses, and checks the answers. Only the kernel side of registrations is missing.
enum ControlTarget {
  static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    do {
      try talk(Array(input.dropFirst()), piece: Int(choice) * Int(choice) + 1)
    } catch {
      require(false, "\(error)")
    }
  }

  private static let directory: String = {
    var template = Array("/tmp/nstrace-fuzz.XXXXXX".utf8CString)
    require(mkdtemp(&template) != nil, "a directory for the socket can be made")
    atexit { ControlTarget.removeSocket() }
    return template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }()
  private static let path = directory + "/control.sock"

  private static func removeSocket() {
    unlink(path)
    rmdir(directory)
  }

  private static func talk(_ input: [UInt8], piece: Int) throws {
    var server = ControlServer(try ControlSocket(at: path))
    let address = try UnixAddress(path)
    let client = try address.socket()
    defer { close(client) }
    require(address.connect(client), "the server listens")
    var options = TrackerOptions()
    options.joinsAudit = true
    var tracker = Tracker(sink: CheckingSink(format: 3), options: options)
    RecordBatch(Seeds.containers).withBytes { bytes in
      var decoder = EventDecoder()
      _ = try? decoder.decode(bytes, into: &tracker)
    }
    var (rest, said) = (input[...], [UInt8]())
    // Enough turns for all pieces and their answers: a server that has not closed by then hangs.
    for turn in 0..<input.count / piece + 4096 {
      rest = rest.dropFirst(send(rest.prefix(piece), client))
      if rest.isEmpty { shutdown(client, Int32(SHUT_WR)) }
      serve(&server, &tracker)
      guard hear(client, &said) else { break }
      require(turn < input.count / piece + 4095, "the conversation ends")
    }
    check(said)
  }

  private static func send(_ bytes: ArraySlice<UInt8>, _ client: Int32) -> Int {
    if bytes.isEmpty { return 0 }
    return max(
      0, bytes.withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    )
  }

  /// - Returns: false if the server has closed the connection.
  private static func hear(_ client: Int32, _ said: inout [UInt8]) -> Bool {
    while true {
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(client, &piece, piece.count, 0)
      if count > 0 { said += piece[..<count] } else { return count < 0 && errno == EAGAIN }
    }
  }

  /// Serves one turn as LiveRun does.
  private static func serve(
    _ server: inout ControlServer, _ tracker: inout Tracker<CheckingSink>
  ) {
    var fds: [pollfd] = []
    server.addDescriptors(to: &fds)
    poll(&fds, nfds_t(fds.count), 0)
    server.begin(fds[...])
    while let call = server.nextCall(
      facts: { pid, _ in
        ControlCallerFacts(capabilities: pid == UInt32(getpid()) ? [.control, .write] : [])
      })
    {
      switch call.request {
      case .register(let registration):
        server.answer(call, reply(to: registration, from: call.caller, tracker))
      case .query(let query):
        server.answer(call, query.answer(from: tracker, SessionLog(.live), nowNs: 1 << 40))
      case .id(let question):
        server.answer(call, reply(to: question, from: call.caller, tracker))
      case .audit(let query):
        server.answer(call, ControlAuditAnswer(answers(to: query, tracker)))
      }
    }
    server.end()
  }

  private static func answers(
    to query: ControlAuditQuery, _ tracker: borrowing Tracker<CheckingSink>
  ) -> [AnnotationAnswer] {
    var answers: [AnnotationAnswer] = []
    for (pid, timeNs) in zip(query.pids, query.times) {
      let eventNs = tracker.bootNs(ofRealtime: timeNs)
      answers.append(AnnotationAnswer(tracker.join(process: pid, stampedAt: eventNs)))
    }
    return answers
  }

  private static func reply(
    to question: ControlIdentity, from caller: ControlCaller,
    _ tracker: borrowing Tracker<CheckingSink>
  ) -> ControlReply {
    do throws(ControlReply.Refusal) {
      let process = try question.process(asked: caller, readsOwn: true)
      return ControlReply(carrying: tracker.state.containers(ofProcess: process))
    } catch {
      return ControlReply(error)
    }
  }

  private static func reply(
    to registration: ControlRegistration, from caller: ControlCaller,
    _ tracker: borrowing Tracker<CheckingSink>
  ) -> ControlReply {
    do throws(ControlReply.Refusal) {
      let request = try registration.request(from: caller)
      require(request.name.count <= RegistrationRequest.nameBytesMax, "the name is short enough")
      require(request.caller == UInt32(getpid()), "the caller is never taken from the request")
      var reply = ControlReply(
        request.contid.map { .granted($0, tasks: 1) } ?? .refused(.invalid))
      reply.carries = tracker.state.containers(of: request.target).elements.map { "\($0.id)" }
      return reply
    } catch {
      return ControlReply(error)
    }
  }

  /// Requires that each line is a JSON object without control characters.
  private static func check(_ said: [UInt8]) {
    for line in said.split(separator: UInt8(ascii: "\n")) {
      let object = try? JSONSerialization.jsonObject(with: Data(line))
      require(
        object is [String: Any], "an answer is an object: \(String(decoding: line, as: UTF8.self))")
      require(line.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "an answer is one line")
    }
  }
}
