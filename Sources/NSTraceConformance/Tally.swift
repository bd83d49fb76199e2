// SPDX-License-Identifier: Apache-2.0

/// Counts the occasions on which a clause was tested, and keeps the serials that broke it.
struct Tally {
  private var occasions = 0
  private var serials: [UInt64] = []
  private var known: Set<UInt64> = []
  private var because: String?

  /// One occasion, on which the clause held or did not.
  mutating func expect(
    _ holds: Bool, at serials: [UInt64], _ otherwise: () -> String
  ) {
    occasions += 1
    guard !holds else { return }
    because = because ?? otherwise()
    for serial in serials where known.insert(serial).inserted { self.serials.append(serial) }
  }

  mutating func expect(_ holds: Bool, at serials: [UInt64], _ otherwise: String) {
    expect(holds, at: serials) { otherwise }
  }

  /// Something of which there is to be none. That there is none is no occasion.
  mutating func expectNone(_ count: Int, at serials: [UInt64], _ otherwise: () -> String) {
    if count > 0 { expect(false, at: serials, otherwise) }
  }

  /// A request that the clause refuses. A refusal shows the clause only if nothing else speaks
  /// against the request. A grant breaks the clause in any case.
  mutating func expectRefusal(
    of registration: Account.Registering, only objection: Objection, isGranted: Bool,
    at serials: [UInt64], _ otherwise: String
  ) {
    guard registration.objections.contains(objection) else { return }
    if isGranted || registration.isRefused(only: objection) {
      expect(!isGranted, at: serials, otherwise)
    }
  }

  /// - Parameter reason: why there may have been no occasion.
  func verdict(orElse reason: String) -> Verdict {
    if let because { return .broken(serials: serials, because: because) }
    return occasions > 0 ? .held(occasions: occasions) : .notExercised(because: reason)
  }
}
