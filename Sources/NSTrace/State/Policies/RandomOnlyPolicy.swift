// SPDX-License-Identifier: Apache-2.0

/// T6 (Cox): nobody chooses an ID, so none can be forged; the tracer picks a random UUID.
public struct RandomOnlyPolicy: ContainerPolicy {
  public init() {}

  public var name: StaticString { "random-only" }

  public func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.isRandom { return .notPermitted }
    return RFCPolicy().refuses(registration)
  }
}
