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
      registers its process with all threads and descendants with the tracer that
      runs (nstrace --follow, nstrace record). A container ID that is a UUID is
      taken as it is; of any other the UUID of version 5 under
      a1bec856-9724-4e59-a252-f07c6abe21e2 is taken. Its name is the runtime's ID.

      A container that cannot be registered starts all the same, with a warning on
      standard error, unless --required is given. Once registered, it is no error to
      come again.

      Exit status: 0 done, or only warned; with --required 1 the tracer refused, or
      standard input is no state, 69 no tracer listens, 77 no permission; 64 wrong
      usage.
      """)

  @Flag(help: "Fail when the container cannot be registered, so that it is not started.")
  var required = false

  @OptionGroup var control: ControlOptions

  /// A runtime waits for its hooks, and the container with it.
  private static let patienceSeconds: Int32 = 10

  func run() throws {
    guard isatty(STDIN_FILENO) == 0 else {
      Diagnostics.fail("an OCI runtime calls this, with the state on standard input")
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
      // A runtime in a container, or a hook of a later stage, would name somebody else.
      caller: UInt32(getpid()))
    let client = try ControlClient(
      to: control.path, patienceSeconds: Self.patienceSeconds)
    let reply = try client.ask(request)
    // A hook of an earlier stage has done it.
    let isDone = reply.error == "EEXIST" && reply.carries?.contains("\(id)") == true
    guard reply.ok || isDone else { throw Refused(reply: reply) }
  }

  /// As much of the runtime's ID as a name may have, in whole characters; three dots stand for the rest.
  static func name(_ id: String) -> String {
    guard id.utf8.count > RegistrationRequest.nameBytesMax else { return id }
    var name = id
    while name.utf8.count + 3 > RegistrationRequest.nameBytesMax { name.removeLast() }
    return name + "..."
  }

  /// The tracer said no.
  struct Refused: Error, CustomStringConvertible {
    let reply: ControlReply
    var description: String { reply.message ?? "the tracer did not say why it refused" }
    var isPermission: Bool { reply.error == "EPERM" }
  }
}
