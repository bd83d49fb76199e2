// SPDX-License-Identifier: Apache-2.0

/// T6 (Cox): no caller chooses an ID, so none can be forged. The tracer picks a random UUID. A process
/// with CAP_AUDIT_WRITE may also register itself, once: setauditid(void). It gets out of no container by
/// that.
package struct RandomOnlyPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "random-only" }

  package var letsRegisterSelf: Bool { true }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if !registration.isRandom { return .notPermitted }
    if registration.leavesInside { return .exists }
    return RFCPolicy().refuses(registration)
  }
}
