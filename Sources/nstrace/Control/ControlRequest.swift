// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NSTrace

/// What can be asked of a running tracer: one JSON object a line, `op` says what.
enum ControlRequest {
  case register(ControlRegistration)
  case query(ControlQuery)

  /// - Throws: `ControlReply.Refusal`, in words for whoever sent the line.
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
      throw .protocolError("a request is one JSON object a line, with op and what that needs")
    }
  }

  private struct Head: Decodable {
    let op: String
  }
}
