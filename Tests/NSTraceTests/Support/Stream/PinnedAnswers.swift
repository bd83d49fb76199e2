// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Whether a tracer on this machine learns which namespaces still exist, by its HOST record.
enum PinnedAnswers {
  /// The attached hooks, NST_HOOK_*.
  private static let hooks: UInt32 = {
    guard LiveAccess.isGranted else { return 0 }
    return (try? LiveTrace.attached().host?.hooks) ?? 0
  }()

  /// Whether there are answers at all.
  static let areGiven = hooks & UInt32(NST_HOOK_FREED | NST_HOOK_NSFS) != 0
  /// Whether the tracer asks for each namespace, which takes root.
  static let areAskedFor = hooks & UInt32(NST_HOOK_NSFS) != 0
}
