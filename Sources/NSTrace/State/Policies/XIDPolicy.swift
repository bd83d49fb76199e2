// SPDX-License-Identifier: Apache-2.0

/// T11 (Linux-VServer): one context number of 32 bits, set once, inherited, without nesting.
package struct XIDPolicy: ContainerPolicy {
  package init() {}

  package var name: StaticString { "xid" }

  package func refuses(_ registration: Registration) -> RegistrationError? {
    if registration.id.high != 0 || registration.id.low > UInt64(UInt32.max) { return .invalid }
    return registration.current.isUnset ? nil : .exists
  }
}
