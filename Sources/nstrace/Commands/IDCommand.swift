// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

struct IDCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "id",
    abstract: "Prints the container ID of a process.",
    usage: """
      nstrace id [<options>] [<pid>]
      nstrace id [<options>] --peer <fd>
      """,
    discussion: """
      Asks the running tracer (nstrace --follow, nstrace record). Without a process
      it prints the ID of the one that asks: nstrace's own, which is that of the
      shell or program that runs it. Several IDs are separated by commas, as
      contid= has them.

      With --peer it is about the process at the other end of a Unix socket that
      nstrace inherits as this descriptor. Before Linux 6.5 the answer is racy, and
      a warning says so.

        nstrace id 4242
        nstrace id --peer 3 3<&"$socket"

      The caller needs CAP_AUDIT_CONTROL in the initial user namespace; under the
      policy random-only CAP_AUDIT_WRITE is enough for its own ID.

      Exit status: 0 printed, 1 the process has no ID or there is none, 64 wrong
      usage, 69 no tracer listens, 77 no permission.
      """)

  // A text, so that the value of an option that is none here is not refused as a process.
  @Argument(help: "The process, or one of its threads.")
  var pid: String?

  @Option(
    help: ArgumentHelp("A Unix socket: who is at its other end?", valueName: "fd"))
  var peer: Int32?

  @OptionGroup var control: ControlOptions

  func validate() throws {
    guard pid == nil || peer == nil else { throw ValidationError("give a process, or --peer") }
    guard peer ?? 0 >= 0 else { throw ValidationError("a descriptor is 0 or more") }
  }

  private static func process(_ text: String) throws -> UInt32 {
    guard let pid = UInt32(text) else { throw ValidationError("'\(text)' is no process") }
    guard RegistrationRequest.canBeTask(pid) else {
      throw ValidationError("\(RegistrationError.noSuchTask)")
    }
    return pid
  }

  func run() throws {
    // Not in validate(), which comes before the parser refuses an option that is none here.
    let process = try pid.map(Self.process)
    try Failure.reporting {
      if let peer { return try printPeer(peer) }
      print(try list(of: process))
    }
  }

  private func printPeer(_ descriptor: Int32) throws {
    let peer = try SocketPeer(of: descriptor)
    if !peer.isPinned {
      Diagnostics.warn(
        "the answer is racy: this kernel does not hold the peer of a socket (SO_PEERPIDFD, Linux 6.5), "
          + "so process \(peer.pid) may be another one by now")
    }
    let list = try list(of: peer.pid)
    // Else the number may have been another process's when the tracer looked.
    guard !peer.hasEnded else { throw SocketPeer.Failure.gone(descriptor) }
    print(list)
  }

  private func list(of process: UInt32?) throws -> String {
    let request = ControlIdentity(
      pid: process, caller: process == nil ? nil : UInt32(getpid()))
    let reply = try ControlClient.ask(request, at: control.path).check()
    guard let list = reply.list else {
      Diagnostics.fail("\(process.map { "process \($0)" } ?? "this process") has no container ID")
      throw Failure.general
    }
    // Only what is a list is printed, whoever has answered.
    guard ContainerList(text: list) != nil else {
      Diagnostics.fail("the tracer answered without a valid ID")
      throw Failure.general
    }
    return list
  }
}
