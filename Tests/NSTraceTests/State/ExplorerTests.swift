// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace

/// What is said of effects whose reports come later, held against what was so.
///
/// `NSTRACE_EXPLORER_MINUTES` in the environment (`make explore`): how long, on each kind of kernel; how
/// much was gone through is then printed.
@Suite struct ExplorerTests {
  private static let minutes =
    ProcessInfo.processInfo.environment["NSTRACE_EXPLORER_MINUTES"].flatMap(Double.init)

  @Test(arguments: KernelTier.allCases)
  func `the tracer is right in every interleaving`(_ tier: KernelTier) {
    expectNothingWrong(Exploration(tier, minutes: Self.minutes) { TracedTracer() })
  }

  /// Or else the rules are wrong, and not the tracer.
  @Test(arguments: KernelTier.allCases)
  func `the naive models are right in every interleaving`(_ tier: KernelTier) {
    expectNothingWrong(Exploration(tier, minutes: Self.minutes) { TracedOracle() })
  }

  private func expectNothingWrong(_ exploration: Exploration) {
    for lines in exploration.stories {
      Issue.record(Comment(rawValue: lines.joined(separator: "\n")))
    }
    #expect(exploration.findings.ends > 0)
    #expect(exploration.findings.wrong.isEmpty)
    if Self.minutes != nil { print(exploration.summary) }
  }
}
