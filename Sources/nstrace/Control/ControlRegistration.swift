// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The request `{"op":"register","pid":N,"contid":"…"}`, or `"random":true` in place of the ID, or
/// `"self":true` in place of the process.
struct ControlRegistration: Codable {
  var op = "register"
  var pid: UInt32?
  /// Whether the caller is to be registered (T6).
  var itself: Bool?
  var contid: String?
  var random: Bool?
  var name: String?
  var descendants: Bool?
  /// Whether who enters a namespace that has the ID takes it (T10).
  var onEntry: Bool?
  /// The caller's own pid in its PID namespace, if `pid` is counted in that namespace, too. If it is not
  /// the caller's pid in the tracer's PID namespace, the request is refused.
  var caller: UInt32?

  enum CodingKeys: String, CodingKey {
    case op, pid, contid, random, name, caller
    case itself = "self"
    case descendants = "include_descendants"
    case onEntry = "on_entry"
  }

  /// The request for the tracker. The caller is identified by the connection, never by the request.
  /// - Throws: `ControlReply.Refusal` for a request that is refused without a record.
  func request(from caller: ControlCaller) throws(ControlReply.Refusal) -> RegistrationRequest {
    let name = Array((name ?? "").utf8)
    guard name.count <= RegistrationRequest.nameBytesMax else {
      throw .protocolError("a name has at most \(RegistrationRequest.nameBytesMax) bytes")
    }
    guard self.caller == nil || self.caller == caller.pid else {
      throw .otherPIDNamespace
    }
    let isRandom = random == true
    guard !(isRandom && contid != nil) else {
      throw .protocolError("give contid or random, not both")
    }
    return RegistrationRequest(
      contid: contid.flatMap { ContainerID($0) }, isRandom: isRandom,
      includesDescendants: descendants == true, isTakenOnEntry: onEntry == true,
      target: pid ?? caller.pid,
      caller: caller.pid, callerStartNs: caller.startNs, capabilities: caller.capabilities,
      name: name)
  }

  /// - Throws: `ControlReply.Refusal` if it does not name one process.
  func checkTarget() throws(ControlReply.Refusal) {
    guard (pid == nil) == (itself == true) else { throw .protocolError("give either pid or self") }
  }
}
