// SPDX-License-Identifier: Apache-2.0

/// Which registrations of a keeper are in use, by the records so far.
package struct RegistrationUses {
  /// The containers that have tasks.
  package var living: Set<ContainerID> = []
  /// The numbers that tasks carry.
  package var carried: Set<UInt32> = []
  /// The numbers whose registrations the tracker has passed over: it does not know whether they ended.
  package var passedOver: Set<UInt32> = []

  package init() {}
}

extension Tracker where Sink: ~Copyable {
  /// They are complete unless `isUnsure`.
  package var registrationUses: RegistrationUses {
    var uses = RegistrationUses()
    uses.living = state.livingContainers
    uses.carried = state.carriedNumbers
    uses.passedOver = passedOver
    return uses
  }
}
