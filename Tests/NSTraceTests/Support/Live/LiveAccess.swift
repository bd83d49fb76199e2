// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
@testable import NSTraceLive

/// Whether this machine and this user can be traced: asked by really attaching.
enum LiveAccess {
  /// Why not; nil: it works.
  static let refusal: String? = {
    do throws(ProbeError) {
      _ = try KernelSource(ringBytes: 1 << 20, version: "test")
      return nil
    } catch {
      return "\(error)"
    }
  }()

  /// Root in CI runs the live tests whatever the kernel says: there a refusal is a failure.
  static var isGranted: Bool {
    refusal == nil || getuid() == 0 && getenv("CI").map { String(cString: $0) } == "true"
  }
}
