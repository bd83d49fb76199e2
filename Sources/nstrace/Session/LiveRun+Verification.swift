// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceLive

// MARK: - --verify

extension LiveRun {
  /// One step of the verification, after each batch of the stream.
  mutating func verify() throws {
    guard var verifier else { return }
    defer { self.verifier = verifier }
    switch verifier.step {
    case .waiting:
      guard ContinuousClock.now >= verifier.next, pipeline.source.isCaughtUp,
        !pipeline.tracer.isWaiting
      else {
        return
      }
      try begin(&verifier)
    case .walking: try walk(&verifier)
    case .settling(let bytesLeft):
      let left = bytesLeft - (pipeline.batch.count - pipeline.source.auditBytes)
      verifier.step = .settling(bytesLeft: left)
      if left <= 0 || pipeline.source.isCaughtUp { conclude(&verifier) }
    }
  }

  private mutating func begin(_ verifier: inout Verifier) throws {
    guard !pipeline.tracer.tracker.isUnsure, try pipeline.source.beginVerification() else {
      return verifier.abandon()
    }
    verifier.verification.begin(at: Self.bootTimeNs)
    verifier.step = .walking
  }

  private mutating func walk(_ verifier: inout Verifier) throws {
    switch try pipeline.source.verify(into: &verifier.batch) {
    case nil: verifier.abandon()
    case .records: try verifier.verification.add(verifier.batch)
    case .idle, .ended: verifier.step = .settling(bytesLeft: pipeline.source.ringBytes)
    }
  }

  private mutating func conclude(_ verifier: inout Verifier) {
    guard !pipeline.tracer.tracker.isUnsure, !pipeline.tracer.isWaiting else {
      return verifier.abandon()
    }
    let found = verifier.verification.differences(from: pipeline.state)
      .filter { !Self.isHidden($0) }
    let confirmed = verifier.confirm(Set(found))
    guard !confirmed.isEmpty else { return }
    let shown = confirmed.prefix(Self.shownMax).map { "\($0)" }.joined(separator: "; ")
    let rest = confirmed.count > Self.shownMax ? "; and so on" : ""
    Diagnostics.warn(
      "the state of \(confirmed.count) of \(pipeline.state.taskCount) tasks is not the kernel's: "
        + "\(shown)\(rest); all tasks are walked over again")
    pipeline.source.rebuild()
  }

  /// Whether the difference is a task that exists and is missing from the walk: it is exiting, or a
  /// program hides it from walks.
  private static func isHidden(_ difference: TaskDifference) -> Bool {
    // The sandbox does not allow access(2).
    var status = stat()
    return difference.what == .gone && stat("/proc/\(difference.tid)", &status) == 0
  }

  private static let shownMax = 8
}
