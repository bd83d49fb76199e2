// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// Whether a tracer here learns what lives on, by its own word.
enum PinnedAnswers {
  /// NST_HOOK_*.
  private static let hooks: UInt32 = {
    guard LiveAccess.isGranted else { return 0 }
    return (try? LiveTrace.attached().host?.hooks) ?? 0
  }()

  /// By whatever means.
  static let areGiven = hooks & UInt32(NST_HOOK_FREED | NST_HOOK_NSFS) != 0
  /// By asking for each, which only root may.
  static let areAskedFor = hooks & UInt32(NST_HOOK_NSFS) != 0
}
