// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The control socket: a tracer listens on it, and register, oci-hook, containers, tree and sessions connect
/// to it.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The tracer's Unix socket (default: \(ControlSocket.defaultPath)).",
      valueName: "path"),
    completion: .file())
  var control: String?

  var path: String { control ?? ControlSocket.defaultPath }

  /// Listens for a tracer.
  /// - Returns: nil, with a warning, if that fails and no --control was given.
  /// - Throws: `ControlSocket.Busy` or `SystemError` if it fails with --control.
  func open() throws -> ControlServer? {
    let socket: ControlSocket
    do {
      socket = try ControlSocket(at: path)
    } catch {
      guard control == nil else { throw error }
      Diagnostics.warn("\(error); this tracer has no socket and registers no containers")
      return nil
    }
    return ControlServer(socket)
  }
}
