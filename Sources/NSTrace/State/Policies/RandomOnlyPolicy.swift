// SPDX-License-Identifier: Apache-2.0

/// T6 (Cox): no caller chooses an ID, so none can be forged. The tracer picks a random UUID.
package struct RandomOnlyPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "random-only" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.isRandom { return .notPermitted }
    return RFCPolicy().refuses(registration)
  }
}
