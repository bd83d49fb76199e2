// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NSTrace

/// A request to a running tracer: one JSON object on a line, of the kind that `op` names.
enum ControlRequest {
  case register(ControlRegistration)
  case query(ControlQuery)

  /// - Throws: `ControlReply.Refusal`, the answer to a line that is no request.
  init(line: [UInt8]) throws(ControlReply.Refusal) {
    let decoder = JSONDecoder()
    do {
      let head = try decoder.decode(Head.self, from: Data(line))
      switch head.op {
      case "register":
        self = .register(try decoder.decode(ControlRegistration.self, from: Data(line)))
      case "containers", "tree":
        self = .query(try decoder.decode(ControlQuery.self, from: Data(line)))
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
