// SPDX-License-Identifier: Apache-2.0

/// The result of a registration. The stream has a record of it, whatever it is.
package enum RegistrationOutcome: Equatable, Sendable {
  /// Granted: this many tasks carry the container's number now.
  case granted(ContainerID, tasks: Int)
  /// Refused: no task's containers changed.
  case refused(RegistrationError)
  /// The system call failed: no task's containers changed.
  case failed(SystemError)
}
