// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The request `{"op":"id","pid":N}`, without a pid about the caller: getauditid() (T6, T20).
struct ControlIdentity: Codable {
  var op = "id"
  var pid: UInt32?
  /// The caller's own pid in its PID namespace, if `pid` is counted in that namespace, too. If it is
  /// not the caller's pid in the tracer's PID namespace, the request is refused.
  var caller: UInt32?

  /// The process that is asked about.
  /// - Parameter readsOwn: whether who may register itself may read its own ID (T6).
  /// - Throws: `ControlReply.Refusal`
  func process(
    asked caller: ControlCaller, readsOwn: Bool
  ) throws(ControlReply.Refusal) -> UInt32 {
    guard caller.pid != 0, self.caller == nil || self.caller == caller.pid else {
      throw .otherPIDNamespace
    }
    let process = pid ?? caller.pid
    let isOwn = readsOwn && process == caller.pid && caller.capabilities.contains(.write)
    // T13: reading needs what setting needs.
    guard isOwn || caller.capabilities.contains(.control) else {
      throw ControlQuery.notPermitted
    }
    return process
  }
}
