// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

struct RegisterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Makes a process the first of a container.",
    usage: """
      nstrace register [<options>] --pid <pid> <contid>
      nstrace register [<options>] --pid <pid> --random
      """,
    discussion: """
      Asks the running tracer (nstrace --follow, nstrace record) and prints the ID.
      The process, and all that it forks from then on, carry the ID. The caller
      needs CAP_AUDIT_CONTROL in the initial user namespace. A process that has
      threads or children is refused without --include-descendants.

        nstrace register --pid 4242 --random --name web
        nstrace register --pid 4242 6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11

      Exit status: 0 done, 1 the tracer refused, 64 wrong usage, 69 no tracer
      listens, 77 no permission.
      """)

  // A list, because the parser would silently take the last of two values.
  @Option(
    name: [.long, .customShort("p")],
    help: ArgumentHelp("The process, in the initial PID namespace.", valueName: "pid"))
  var pid: [UInt32] = []

  @Argument(help: "A UUID, or a decimal that fits 64 bits.")
  var contid: String?

  @Flag(help: "Let the tracer choose a random UUID.")
  var random = false

  @Option(help: "A name for the container, at most 255 bytes.")
  var name: String?

  @Flag(help: "Register the process's threads and all its descendants, too.")
  var includeDescendants = false

  @OptionGroup var control: ControlOptions

  func validate() throws {
    guard pid.count == 1 else { throw ValidationError("give one --pid") }
    guard (contid == nil) == random else {
      throw ValidationError("give an ID, or --random")
    }
    // Wrong usage exits with 64 even if no tracer listens.
    guard RegistrationRequest.canBeTask(pid[0]) else {
      throw ValidationError("\(RegistrationError.noSuchTask)")
    }
    if let contid, ContainerID(contid)?.isUnset ?? true {
      throw ValidationError("\(RegistrationError.invalid)")
    }
    guard (name ?? "").utf8.count <= RegistrationRequest.nameBytesMax else {
      throw ValidationError("a name has at most \(RegistrationRequest.nameBytesMax) bytes")
    }
  }

  func run() throws {
    try Failure.reporting {
      let request = ControlRegistration(
        pid: pid[0], contid: contid, random: random ? true : nil, name: name,
        descendants: includeDescendants ? true : nil)
      let reply = try ControlClient.ask(request, at: control.path)
      guard let contid = try reply.check().contid.flatMap({ ContainerID($0) }) else {
        Diagnostics.fail("the tracer answered without a valid ID")
        throw Failure.general
      }
      print(contid)
    }
  }
}
