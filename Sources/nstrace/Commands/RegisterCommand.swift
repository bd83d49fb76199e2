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
      nstrace register [<options>] --self --random -- <command> ...
      """,
    discussion: """
      Asks the running tracer (nstrace --follow, nstrace record) and prints the ID.
      The process, and all that it forks from then on, carry the ID. The caller
      needs CAP_AUDIT_CONTROL in the initial user namespace. A process that has
      threads or children is refused without --include-descendants.

      Under --policy random-only a process with CAP_AUDIT_WRITE in that namespace
      may register itself, once, unless it is inside a container: --self does,
      and becomes the command.

        nstrace register --pid 4242 --random --name web
        nstrace register --pid 4242 6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11

      Exit status: 0 done, 1 the tracer refused, 64 wrong usage, 69 no tracer
      listens, 77 no permission; with --self the command's, 126 it cannot be run,
      127 there is no such command.
      """)

  // A list, because the parser would silently take the last of two values.
  @Option(
    name: [.long, .customShort("p")],
    help: ArgumentHelp("The process, in the initial PID namespace.", valueName: "pid"))
  var pid: [UInt32] = []

  @Argument(help: "A UUID, or a decimal that fits 64 bits.")
  var contid: String?

  @Flag(name: .customLong("self"), help: "Register this process, which then becomes the command.")
  var itself = false

  @Argument(parsing: .postTerminator, help: "With --self: what this process becomes.")
  var command: [String] = []

  @Flag(help: "Let the tracer choose a random UUID.")
  var random = false

  @Option(help: "A name for the container, at most 255 bytes.")
  var name: String?

  @Flag(help: "Register the process's threads and all its descendants, too.")
  var includeDescendants = false

  @Flag(help: "Under --policy tags: who enters a namespace with the ID takes it.")
  var onEntry = false

  @OptionGroup var control: ControlOptions

  func validate() throws {
    guard pid.count == (itself ? 0 : 1) else { throw ValidationError("give one --pid, or --self") }
    guard (contid == nil) == random else {
      throw ValidationError("give an ID, or --random")
    }
    try validateSelf()
    // Wrong usage exits with 64 even if no tracer listens.
    guard pid.allSatisfy(RegistrationRequest.canBeTask) else {
      throw ValidationError("\(RegistrationError.noSuchTask)")
    }
    if let contid, ContainerID(contid)?.isUnset ?? true {
      throw ValidationError("\(RegistrationError.invalid)")
    }
    guard (name ?? "").utf8.count <= RegistrationRequest.nameBytesMax else {
      throw ValidationError("a name has at most \(RegistrationRequest.nameBytesMax) bytes")
    }
  }

  private func validateSelf() throws {
    guard itself == !command.isEmpty else {
      throw ValidationError(
        itself
          ? "give the command that this process becomes, behind --" : "only --self takes a command")
    }
    guard itself else { return }
    guard random else { throw ValidationError("--self needs --random: nobody chooses its own ID") }
    guard !includeDescendants else { throw ValidationError("--self registers this process alone") }
  }

  func run() throws {
    try Failure.reporting {
      let contid = try register()
      guard itself else { return print(contid) }
      // Standard output is the command's.
      Diagnostics.say("registered as \(contid)")
      try Successor.run(command)
    }
  }

  private func register() throws -> ContainerID {
    let request = ControlRegistration(
      pid: pid.first, itself: itself ? true : nil, contid: contid, random: random ? true : nil,
      name: name, descendants: includeDescendants ? true : nil, onEntry: onEntry ? true : nil)
    let reply = try ControlClient.ask(request, at: control.path)
    guard let contid = try reply.check().contid.flatMap({ ContainerID($0) }) else {
      Diagnostics.fail("the tracer answered without a valid ID")
      throw Failure.general
    }
    return contid
  }
}
