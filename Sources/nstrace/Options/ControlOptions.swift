// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// The control socket: a tracer listens there, and the other commands ask there.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The tracer's Unix socket (default: \(ControlSocket.defaultPath)).",
      valueName: "path"),
    completion: .file())
  var control: String?

  var path: String { control ?? ControlSocket.defaultPath }

  /// Listens, for a tracer that will be `user`. Without --control a tracer that cannot goes on without, and says so.
  func open(for user: Account?) throws -> ControlServer? {
    let socket: ControlSocket
    do {
      socket = try ControlSocket(at: path, for: user)
    } catch {
      guard control == nil else { throw error }
      Diagnostics.warn("\(error); going on without one, containers cannot be registered here")
      return nil
    }
    return ControlServer(socket)
  }
}
