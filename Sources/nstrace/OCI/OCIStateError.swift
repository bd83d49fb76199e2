// SPDX-License-Identifier: Apache-2.0

/// Why standard input is not the state of a container.
enum OCIStateError: Error, CaseIterable, CustomStringConvertible {
  case tooLong
  case malformed
  case noID
  case noProcess

  var description: String {
    switch self {
    case .tooLong:
      "the state on standard input has more than \(OCIState.bytesMax) bytes: give what an OCI "
        + "runtime gives its hooks"
    case .malformed:
      "standard input is not the state of a container: give the JSON object with id, status and "
        + "pid that an OCI runtime gives its hooks"
    case .noID: "the state on standard input has an empty id: give the container one"
    case .noProcess:
      "the state on standard input has no pid from 0 to 4194303: use a hook that runs once the "
        + "container has a process (createRuntime)"
    }
  }
}
