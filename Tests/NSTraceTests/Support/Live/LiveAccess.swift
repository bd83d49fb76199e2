// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
@testable import NSTraceLive

/// Whether this user can trace this machine, found by attaching.
enum LiveAccess {
  /// Why tracing is refused; nil: it works.
  static let refusal: String? = {
    do throws(ProbeError) {
      _ = try KernelSource(ringBytes: 1 << 20, version: "test")
      return nil
    } catch {
      return "\(error)"
    }
  }()

  /// Whether live tests run. They do for root in CI whatever the kernel allows, so that a refusal
  /// is a failure.
  static var isGranted: Bool {
    refusal == nil || getuid() == 0 && getenv("CI").map { String(cString: $0) } == "true"
  }
}
