// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import FoundationEssentials
internal import NSTrace

/// The tracer's answer, or its last line: one JSON object.
struct ControlReply: Codable {
  var ok: Bool
  var contid: String?
  var tasks: Int?
  /// The IDs that the process carries, innermost first, if `error` is EEXIST.
  var carries: [String]?
  /// To op `id`: the IDs of the process, as `contid=` prints them; nil: it has none.
  var list: String?
  /// The name of an errno, if `ok` is false.
  var error: String?
  /// A sentence that explains `error`.
  var message: String?

  /// Why a request is refused.
  struct Refusal: Error {
    let name: String
    let message: String

    /// The line is no valid request.
    static func protocolError(_ message: String) -> Refusal {
      Refusal(name: "EPROTO", message: message)
    }

    /// The caller counts processes otherwise than the tracer.
    static let otherPIDNamespace = Refusal(
      name: "EXDEV",
      message: "the caller is in another PID namespace than the tracer: "
        + "ask from the initial one (as a createRuntime hook does)")
  }

  init(_ refusal: Refusal) {
    ok = false
    error = refusal.name
    message = refusal.message
  }

  /// The last line of an answer of many lines.
  static let done = ControlReply()

  private init() { ok = true }

  private init(contid: String, tasks: Int) {
    ok = true
    self.contid = contid
    self.tasks = tasks
  }

  /// - Parameter list: what a process carries; nil: there is no such process.
  init(carrying list: ContainerList?) {
    guard let list else {
      self.init(Refusal(name: "ESRCH", message: "\(RegistrationError.noSuchTask)"))
      return
    }
    self.init()
    if !list.isUnset { self.list = "\(list)" }
  }

  init(_ outcome: RegistrationOutcome) {
    switch outcome {
    case .granted(let id, let tasks):
      self.init(contid: "\(id)", tasks: tasks)
    case .refused(let error): self.init(Refusal(name: "\(error.name)", message: "\(error)"))
    case .failed(let error): self.init(Refusal(name: "EIO", message: "\(error)"))
    }
  }

  /// Returns the reply if the tracer did what was asked.
  /// - Throws: the exit status if the tracer refused; the reason has then been printed.
  @discardableResult
  func check() throws(ExitCode) -> ControlReply {
    if ok { return self }
    Diagnostics.fail(message ?? "the tracer refused without a reason")
    throw error == "EPERM" ? Failure.noPermission : Failure.general
  }

  /// The line for the socket, with its newline.
  var line: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // The fallback is never used: a struct of texts and numbers can always be encoded.
    return Array((try? encoder.encode(self)) ?? Data("{\"ok\":false}".utf8)) + [0x0a]
  }
}
