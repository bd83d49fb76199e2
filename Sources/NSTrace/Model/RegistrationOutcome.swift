// SPDX-License-Identifier: Apache-2.0

/// What came of a registration. Whatever it is, it stands in the stream.
package enum RegistrationOutcome: Equatable, Sendable {
  /// So many tasks carry the container's number now.
  case granted(ContainerID, tasks: Int)
  /// Nobody carries anything that it did not carry before.
  case refused(RegistrationError)
  /// The kernel could not do it; nobody carries anything, here neither.
  case failed(SystemError)
}
