// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Where a tracer listens.
struct ControlOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The Unix socket of the tracer that registers (default: \(ControlSocket.defaultPath)).",
      valueName: "path"))
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
