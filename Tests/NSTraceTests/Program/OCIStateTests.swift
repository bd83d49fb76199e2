// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import nstrace

@Suite struct OCIStateTests {
  private static func state(_ text: String) throws(OCIStateError) -> OCIState {
    try OCIState(Array(text.utf8))
  }

  /// As runc 1.1.5 writes it.
  @Test func `what runc says`() throws {
    let state = try Self.state(
      """
      {"ociVersion":"1.0.2-dev","id":"web","status":"creating","pid":4242,"bundle":"/b",\
      "annotations":{"io.kubernetes.pod":"x"}}
      """)
    #expect(state.id == "web")
    #expect(state.status == "creating")
    #expect(state.pid == 4242)
    #expect(state.hasProcess)
  }

  @Test(arguments: [
    #"{"id":"web","status":"stopped"}"#, #"{"id":"web","status":"stopped","pid":0}"#,
    #"{"id":"web","status":"stopped","pid":4242}"#, #"{"id":"web","status":"creating","pid":0}"#,
  ])
  func `there is nothing to register`(text: String) throws {
    #expect(try !Self.state(text).hasProcess)
  }

  /// A runtime may have words of its own.
  @Test func `a paused container has a process`() throws {
    #expect(try Self.state(#"{"id":"web","status":"paused","pid":4194303}"#).hasProcess)
  }

  @Test(arguments: [
    "", "null", "[]", "42", "\"web\"", "{}", "{", "\u{0}", #"{"id":"web","pid":1}"#,
    #"{"status":"running","pid":1}"#, #"{"id":7,"status":"running","pid":1}"#,
    #"{"id":null,"status":"running","pid":1}"#, #"{"id":"web","status":1,"pid":1}"#,
    #"{"id":"web","status":"running","pid":"1"}"#, #"{"id":"web","status":"running","pid":1.5}"#,
    #"{"id":"web","status":"running","pid":99999999999999999999}"#,
    #"{"id":"web","status":"running","pid":1}{}"#, #"{"id":"\ud800","status":"x","pid":1}"#,
    String(repeating: "[", count: 100_000), String(repeating: "{\"id\":", count: 100_000),
  ])
  func `what is no state`(text: String) {
    #expect(throws: OCIStateError.malformed) { try Self.state(text) }
  }

  @Test func `bytes that are no text`() {
    let bytes = Array(#"{"id":""#.utf8) + [0xff, 0xc0] + Array(#"","status":"x","pid":1}"#.utf8)
    #expect(throws: OCIStateError.malformed) { try OCIState(bytes) }
  }

  @Test func `an empty ID`() {
    #expect(throws: OCIStateError.noID) {
      try Self.state(#"{"id":"","status":"creating","pid":1}"#)
    }
  }

  @Test(arguments: ["-1", "4194304", "9223372036854775807", "null"])
  func `what is no process`(pid: String) {
    #expect(throws: OCIStateError.noProcess) {
      try Self.state(#"{"id":"web","status":"creating","pid":\#(pid)}"#)
    }
  }

  @Test func `a running container without a pid`() {
    #expect(throws: OCIStateError.noProcess) {
      try Self.state(#"{"id":"web","status":"running"}"#)
    }
  }

  /// Not more is read than may be.
  @Test func `a state has a size`() throws {
    let head = Array(#"{"id":"web","status":"creating","pid":1}"#.utf8)
    let full = head + [UInt8](repeating: 0x20, count: OCIState.bytesMax - head.count)
    #expect(try OCIState(full).pid == 1)
    #expect(throws: OCIStateError.tooLong) { try OCIState(full + [0x20]) }
  }

  @Test func `each error says what to do`() {
    for error in OCIStateError.allCases { #expect("\(error)".contains(": ")) }
  }

  @Test func `a name is cut between characters, and marked`() {
    #expect(OCIHookCommand.name("web") == "web")
    #expect(OCIHookCommand.name(String(repeating: "a", count: 300)).utf8.count == 255)
    #expect(
      OCIHookCommand.name(String(repeating: "é", count: 200))
        == String(repeating: "é", count: 126) + "...")
  }
}
