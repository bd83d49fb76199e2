// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import NSTrace

/// What the tracer answers: one JSON object a line.
struct ControlReply: Codable {
  var ok: Bool
  var contid: String?
  var tasks: Int?
  /// With EEXIST: the IDs that the process carries, innermost first.
  var carries: [String]?
  /// The name of an errno.
  var error: String?
  /// A sentence for people.
  var message: String?

  /// Why there is nothing else to answer.
  struct Refusal: Error {
    let name: String
    let message: String

    /// What was sent is no request.
    static func protocolError(_ message: String) -> Refusal {
      Refusal(name: "EPROTO", message: message)
    }
  }

  init(_ refusal: Refusal) {
    ok = false
    error = refusal.name
    message = refusal.message
  }

  private init(contid: String, tasks: Int) {
    ok = true
    self.contid = contid
    self.tasks = tasks
  }

  init(_ outcome: RegistrationOutcome) {
    switch outcome {
    case .granted(let id, let tasks):
      self.init(contid: "\(id)", tasks: tasks)
    case .refused(let error): self.init(Refusal(name: "\(error.name)", message: "\(error)"))
    case .failed(let error): self.init(Refusal(name: "EIO", message: "\(error)"))
    }
  }

  /// As it goes over the socket, with its newline.
  var line: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // A struct of texts and numbers can always be encoded.
    return Array((try? encoder.encode(self)) ?? Data("{\"ok\":false}".utf8)) + [0x0a]
  }
}
