// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import nstrace

/// What the clients make of a program that listens in a tracer's place.
@Suite struct ControlClientTests {
  private static func register(at path: String) throws -> ChildProcess {
    try ChildProcess(BuiltProducts.nstrace, ["register", "--pid", "1", "42", "--control", path])
  }

  /// Answers one client with these bytes.
  private static func answer(
    _ arguments: [String], _ answer: String
  ) throws -> (status: ChildProcess.Status, output: String, errors: String) {
    let directory = try ScratchDirectory()
    let path = directory.file("s")
    let address = try UnixAddress(path)
    let listener = try address.socket()
    defer { close(listener) }
    #expect(try address.bind(listener))
    #expect(listen(listener, 1) == 0)
    var client = try ChildProcess(BuiltProducts.nstrace, arguments + ["--control", path])
    var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    #expect(poll(&ready, 1, Patience.milliseconds) == 1)
    let connection = accept(listener, nil, nil)
    defer { close(connection) }
    let bytes = Array(answer.utf8)
    #expect(write(connection, bytes, bytes.count) == bytes.count)
    let status = try client.waitForExit()
    return (status, client.outputText, client.errorText)
  }

  private static let registering = ["register", "--pid", "1", "42"]

  @Test func `a message is shown without its escape sequences`() throws {
    let result = try Self.answer(
      Self.registering,
      #"{"ok":false,"error":"EPERM","message":"no \u001b]0;x\u0007\u202e"}"# + "\n")
    #expect(result.status == .exited(77))
    #expect(result.errors == #"nstrace: error: no \x1b]0;x\x07\xe2\x80\xae"# + "\n")
  }

  @Test func `an ID is parsed`() throws {
    let good = try Self.answer(Self.registering, #"{"ok":true,"contid":"0042"}"# + "\n")
    #expect(good.status == .exited(0))
    #expect(good.output == "42\n")
    let bad = try Self.answer(Self.registering, #"{"ok":true,"contid":"4\u001b[2J2"}"# + "\n")
    #expect(bad.status == .exited(1))
    #expect(bad.output == "")
    #expect(bad.errors == "nstrace: error: the tracer answered without a valid ID\n")
  }

  @Test func `lines of JSON are parsed, and escaped as the tracer's are`() throws {
    let json = ["containers", "--format", "json"]
    let good = try Self.answer(
      json, "{\"type\":\"container\",\"name\":\"a\u{7f}\u{9b}\u{202e}é\"}\n{\"ok\":true}\n")
    #expect(good.status == .exited(0))
    #expect(good.output == #"{"type":"container","name":"a\u007f\u009b\u202eé"}"# + "\n")
    let bad = try Self.answer(json, "{\"type\":\u{1b}[2J}\n{\"ok\":true}\n")
    #expect(bad.status == .exited(1))
    #expect(bad.output == "")
    #expect(!bad.errors.contains("\u{1b}"))
  }

  @Test(.enabled(if: geteuid() == 0, "another user has to listen"))
  func `whoever else listens in a directory for all is not asked`() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("s")
    chmod(directory.path, 0o1777)
    let impostor = try Self.impostor(at: path)
    var client = try Self.register(at: path)
    #expect(try client.waitForExit() == .exited(1))
    #expect(
      client.errorText
        == "nstrace: error: a process of user 65534 listens on \(path), and neither root nor the owner "
        + "of the directory: it is not asked\n")
    #expect(impostor.status == nil)
  }

  /// It could as well be the service, which is never root.
  @Test(.enabled(if: geteuid() == 0, "another user has to listen"))
  func `the owner of the directory is asked`() throws {
    let directory = try ScratchDirectory()
    let path = directory.file("s")
    chown(directory.path, 65534, 65534)
    let impostor = try Self.impostor(at: path)
    var client = try Self.register(at: path)
    #expect(try client.waitForExit() == .exited(0))
    #expect(client.outputText == "42\n")
    #expect(impostor.status == nil)
  }

  private static func impostor(at path: String) throws -> ChildProcess {
    var impostor = try ChildProcess(BuiltProducts.nsactor, ["impostor", path], input: .open)
    try impostor.wait(for: "the impostor") {
      $0.outputText == "impostor.listens=1\n" || $0.status != nil
    }
    #expect(impostor.status == nil)
    return impostor
  }
}
