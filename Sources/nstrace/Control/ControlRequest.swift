// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NSTrace

/// A request to a running tracer: one JSON object on a line, of the kind that `op` names.
enum ControlRequest {
  case register(ControlRegistration)
  case query(ControlQuery)
  case id(ControlIdentity)
  case audit(ControlAuditQuery)

  /// - Throws: `ControlReply.Refusal`, the answer to a line that is no request.
  init(line: [UInt8]) throws(ControlReply.Refusal) {
    let decoder = JSONDecoder()
    do {
      let head = try decoder.decode(Head.self, from: Data(line))
      switch head.op {
      case "register":
        let registration = try decoder.decode(ControlRegistration.self, from: Data(line))
        try registration.checkTarget()
        self = .register(registration)
      case "containers", "tree", "sessions":
        self = .query(try decoder.decode(ControlQuery.self, from: Data(line)))
      case "id": self = .id(try decoder.decode(ControlIdentity.self, from: Data(line)))
      case "audit":
        let query = try decoder.decode(ControlAuditQuery.self, from: Data(line))
        try query.check()
        self = .audit(query)
      default: throw ControlReply.Refusal.protocolError("there is no such op")
      }
    } catch let refusal as ControlReply.Refusal {
      throw refusal
    } catch {
      throw .protocolError("a request is one JSON object on a line: op and that op's fields")
    }
  }

  private struct Head: Decodable {
    let op: String
  }
}
