// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// What an attendant may do, fixed when it starts.
struct AttendantPlan {
  /// The path of the audit log; nil: none.
  var log: String?
  /// How many rotated logs are kept: LOG.1, LOG.2 and so on.
  var logKeep: UInt32 = 4
  /// The path of the control socket, which the attendant removes at its end; nil: none.
  var socket: String?
  /// The directory of the keeper, which the attendant pins, unpins, and removes if it is empty at its
  /// end; nil: none.
  var keep: String?
  /// What it pins there, in the order of `Keeper.descriptors`.
  var keeper: [Int32] = []
  /// Whether it is asked what the kernel's audit has lost.
  var asksAudit = false
  /// Whether the attendant enters a sandbox.
  var isConfined = true

  /// Forks the attendant.
  /// - Returns: its pid, or -errno; and the tracer's end of the socket pair.
  func start() -> (pid: pid_t, descriptor: Int32) {
    Self.withPath(log) { log in
      Self.withPath(socket) { socket in
        Self.withPath(keep) { keep in
          keeper.withUnsafeBufferPointer { keeper in
            var plan = nst_attendant_plan(
              log: log, log_keep: logKeep, socket: socket, keep: keep, keeper: keeper.baseAddress,
              asks_audit: asksAudit ? 1 : 0, is_confined: isConfined ? 1 : 0)
            var descriptor: Int32 = -1
            let pid = nst_attendant_start(&plan, &descriptor)
            return (pid, descriptor)
          }
        }
      }
    }
  }

  private static func withPath<Result>(
    _ path: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let path else { return body(nil) }
    return path.withCString(body)
  }
}
