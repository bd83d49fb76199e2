// SPDX-License-Identifier: Apache-2.0

/// T6 (Cox): no caller chooses an ID, so none can be forged. The tracer picks a random UUID. A process
/// with CAP_AUDIT_WRITE may also register itself, once: setauditid(void).
package struct RandomOnlyPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "random-only" }

  package var letsRegisterSelf: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.isRandom { return .notPermitted }
    return RFCPolicy().refuses(registration)
  }
}
