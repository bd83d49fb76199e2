// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import NSTrace

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
  /// Where containers' copies are; nil: there are none in files.
  var routes: RouteNames?
  /// Whether the attendant enters a sandbox.
  var isConfined = true

  /// Forks the attendant.
  /// - Returns: its pid, or -errno; and the tracer's end of the socket pair.
  func start() -> (pid: pid_t, descriptor: Int32) {
    Self.withPath(log) { log in
      Self.withPath(socket) { socket in
        Self.withPath(keep) { keep in
          keeper.withUnsafeBufferPointer { keeper in
            Self.withNames(routes) { names in
              var plan = nst_attendant_plan(
                log: log, log_keep: logKeep, socket: socket, keep: keep, keeper: keeper.baseAddress,
                asks_audit: asksAudit ? 1 : 0, routes: routes?.directory ?? -1,
                route_names: names.baseAddress, route_count: names.count,
                is_confined: isConfined ? 1 : 0)
              var descriptor: Int32 = -1
              let pid = nst_attendant_start(&plan, &descriptor)
              return (pid, descriptor)
            }
          }
        }
      }
    }
  }

  /// The names that are not IDs'. The attendant has a copy of this process's memory, with the
  /// names.
  private static func withNames<Result>(
    _ routes: RouteNames?, _ body: (UnsafeBufferPointer<nst_attendant_route>) -> Result
  ) -> Result {
    let named = (routes?.rules.rules ?? []).filter { $0.file != nil }
    let names = named.map { strdup($0.fileName) }
    defer { for name in names { free(name) } }
    let routes = zip(named, names).map { rule, name in
      nst_attendant_route(contid_high: rule.id.high, contid_low: rule.id.low, name: name)
    }
    return routes.withUnsafeBufferPointer(body)
  }

  private static func withPath<Result>(
    _ path: String?, _ body: (UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let path else { return body(nil) }
    return path.withCString(body)
  }
}
