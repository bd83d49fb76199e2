// SPDX-License-Identifier: Apache-2.0

internal import NSTraceLive

extension ControlReply.Refusal {
  /// Why a tracer leaves registrations alone; nil: it registers containers.
  /// - Parameters:
  ///   - keeper: the one that it uses; nil: none.
  ///   - failure: why it uses none.
  static func ofRegistrations(by keeper: Keeper?, _ failure: KeeperError?) -> Self? {
    if keeper?.registers == false || failure?.isClaimed == true { return otherTracer }
    guard let failure, failure.leavesRegistrations else { return nil }
    return Self(name: "EROFS", message: "this tracer registers no containers: \(failure)")
  }

  private static let otherTracer = Self(
    name: "EROFS",
    message: "this tracer only reads: another one registered this host's containers when it began. "
      + "Ask that one, or start this one again once that has ended")
}
