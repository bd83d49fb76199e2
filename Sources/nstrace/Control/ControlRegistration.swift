// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The request `{"op":"register","pid":N,"contid":"…"}`, or `"random":true` in place of the ID.
struct ControlRegistration: Codable {
  var op = "register"
  var pid: UInt32
  var contid: String?
  var random: Bool?
  var name: String?
  var descendants: Bool?
  /// The caller's own pid in its PID namespace, if `pid` is counted in that namespace, too. If it is not
  /// the caller's pid in the tracer's PID namespace, the request is refused.
  var caller: UInt32?

  enum CodingKeys: String, CodingKey {
    case op, pid, contid, random, name, caller
    case descendants = "include_descendants"
  }

  /// The request for the tracker. The caller is identified by the connection, never by the request.
  /// - Throws: `ControlReply.Refusal` for a request that is refused without a record.
  func request(from caller: ControlCaller) throws(ControlReply.Refusal) -> RegistrationRequest {
    let name = Array((name ?? "").utf8)
    guard name.count <= RegistrationRequest.nameBytesMax else {
      throw .protocolError("a name has at most \(RegistrationRequest.nameBytesMax) bytes")
    }
    guard self.caller == nil || self.caller == caller.pid else {
      throw ControlReply.Refusal(
        name: "EXDEV",
        message: "the caller is in another PID namespace than the tracer: "
          + "ask from the initial one (as a createRuntime hook does)")
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
