// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// `{"op":"register","pid":N,"contid":"…"}`, or `"random":true` in place of the ID.
struct ControlRegistration: Codable {
  var op = "register"
  var pid: UInt32
  var contid: String?
  var random: Bool?
  var name: String?
  var descendants: Bool?
  /// The caller's pid as it sees itself, when it can only say `pid` as it sees it: both count where
  /// the tracer counts, or the request is refused.
  var caller: UInt32?

  enum CodingKeys: String, CodingKey {
    case op, pid, contid, random, name, caller
    case descendants = "include_descendants"
  }

  /// What it asks for, and who asks: that is never taken from the request.
  /// - Throws: `ControlReply.Refusal` for what is not worth a record.
  func request(from caller: ControlCaller) throws(ControlReply.Refusal) -> RegistrationRequest {
    let name = Array((name ?? "").utf8)
    guard name.count <= RegistrationRequest.nameBytesMax else {
      throw .protocolError("a name has at most \(RegistrationRequest.nameBytesMax) bytes")
    }
    guard self.caller == nil || self.caller == caller.pid else {
      throw ControlReply.Refusal(
        name: "EXDEV",
        message: "the caller counts processes in another PID namespace than the tracer: "
          + "ask from the host's (as a createRuntime hook does)")
    }
    let isRandom = random == true
    guard !(isRandom && contid != nil) else {
      throw .protocolError("give contid or random, not both")
    }
    return RegistrationRequest(
      contid: contid.flatMap { ContainerID($0) }, isRandom: isRandom,
      includesDescendants: descendants == true, target: pid, caller: caller.pid,
      callerIsCapable: caller.isCapable, name: name)
  }
}
