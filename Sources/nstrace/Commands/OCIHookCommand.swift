// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct OCIHookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oci-hook",
    abstract: "Registers a container for runc, crun, podman or CRI-O.",
    usage: "nstrace oci-hook [<options>]",
    discussion: """
      A createRuntime hook: reads the container's state from standard input, and
      registers its process with all threads and descendants at the running tracer
      (nstrace --follow, nstrace record). A container ID that is a UUID is taken as
      it is; any other gives the UUID of version 5 under
      a1bec856-9724-4e59-a252-f07c6abe21e2. The name is the runtime's ID.

      A container that cannot be registered starts all the same, with a warning on
      standard error, unless --required is given. A second call for a registered
      container succeeds.

      Exit status: 0 done, or only warned; with --required 1 the tracer refused, or
      standard input is no state, 69 no tracer listens, 77 no permission; 64 wrong
      usage.
      """)

  @Flag(help: "Fail if the container cannot be registered, so that it does not start.")
  var required = false

  @OptionGroup var control: ControlOptions

  /// The container does not start while its runtime waits for the hook.
  private static let patienceSeconds: Int32 = 10

  func run() throws {
    guard isatty(STDIN_FILENO) == 0 else {
      Diagnostics.fail("oci-hook reads a container's state: let an OCI runtime call it")
      throw ExitCode.validationFailure
    }
    do {
      try register()
    } catch {
      guard required else { return Diagnostics.warn("\(error): the container is not registered") }
      Diagnostics.fail("\(error): the container is not registered and must not start")
      throw Failure.status(of: error)
    }
  }

  private func register() throws {
    let state = try OCIState(FileDescriptor.standardInput.read(OCIState.bytesMax + 1))
    guard state.hasProcess else { return }
    let id = ContainerID(runtimeID: Array(state.id.utf8))
    let request = ControlRegistration(
      pid: state.pid, contid: "\(id)", name: Self.name(state.id), descendants: true,
      // In another PID namespace (a runtime in a container, a later hook) `pid` names another process.
      caller: UInt32(getpid()))
    let reply = try ControlClient.ask(
      request, at: control.path, patienceSeconds: Self.patienceSeconds)
    // A hook of an earlier stage may have registered it.
    let isDone = reply.error == "EEXIST" && reply.carries?.contains("\(id)") == true
    guard reply.ok || isDone else { throw Refused(reply: reply) }
  }

  /// The runtime's ID, cut to `nameBytesMax` at a whole character; a cut one ends in three dots.
  static func name(_ id: String) -> String {
    guard id.utf8.count > RegistrationRequest.nameBytesMax else { return id }
    var name = id
    while name.utf8.count + 3 > RegistrationRequest.nameBytesMax { name.removeLast() }
    return name + "..."
  }

  /// The tracer refused the registration.
  struct Refused: Error, CustomStringConvertible {
    let reply: ControlReply
    var description: String { reply.message ?? "the tracer refused without a reason" }
    var isPermission: Bool { reply.error == "EPERM" }
  }
}
