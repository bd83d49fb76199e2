// SPDX-License-Identifier: Apache-2.0

@testable internal import NSTrace
@testable internal import Program

/// Reads any bytes as the state that an OCI runtime gives its hooks, and makes the request of it.
enum OCITarget {
  static func run(_ input: [UInt8]) {
    do throws(OCIStateError) {
      let state = try OCIState(input)
      require(state.pid < 1 << 22 && !state.id.isEmpty, "it is a state")
      let name = OCIHookCommand.name(state.id)
      require(name.utf8.count <= RegistrationRequest.nameBytesMax, "the name is short enough")
      let beginning = name.hasSuffix("...") && name != state.id ? String(name.dropLast(3)) : name
      require(state.id.hasPrefix(beginning), "the name is the ID's beginning")
      let id = ContainerID(runtimeID: Array(state.id.utf8))
      require(ContainerID("\(id)") == id, "the ID can be sent")
    } catch {
      require(!"\(error)".isEmpty, "the error has a message")
    }
  }
}
