// SPDX-License-Identifier: Apache-2.0

/// What a kernel lets a tracer see.
struct KernelTier: Hashable, CaseIterable {
  /// Whether namespaces have an ns_id (6.18).
  var hasIDs: Bool
  /// Whether fentry and fexit programs are allowed: then FREED is reported, and compat calls are
  /// seen like others.
  var isTraced: Bool

  static let tracepoints = KernelTier(hasIDs: false, isTraced: false)
  static let tracepointsAndIDs = KernelTier(hasIDs: true, isTraced: false)
  static let fexit = KernelTier(hasIDs: false, isTraced: true)
  static let fexitAndIDs = KernelTier(hasIDs: true, isTraced: true)

  static let allCases = [tracepoints, tracepointsAndIDs, fexit, fexitAndIDs]

  var name: String { (hasIDs ? "ns_id" : "no ns_id") + (isTraced ? ", FREED" : "") }
}
