// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// What a tracer makes of a model's stream, record by record.
final class TracedRun {
  /// An event, and how many records the tracer had been given when it came.
  struct Said {
    var event: ObservedEvent
    var position: Int
  }

  private var traced: any Traced
  private(set) var said: [Said] = []
  private(set) var position = 0
  /// Those in use when the first snapshot was complete; nil: it is not.
  private(set) var first: Set<NamespaceID>?
  /// By position, whether something is held back.
  private(set) var waits: [Bool] = []
  private(set) var failure: String?

  /// - Parameter traced: what is given the stream.
  init(_ traced: any Traced = TracedTracer()) { self.traced = traced }

  var waiting: [NamespaceID] { traced.waiting }
  var places: [UInt32: NamespacePlace] { traced.places }
  var taskCount: Int { traced.taskCount }
  var namespaceCount: Int { traced.inUse.count }

  func container(of tid: UInt32) -> ContainerList { traced.container(of: tid) }

  func feed(_ reports: ArraySlice<ModelReport>) {
    for report in reports {
      do { try traced.take(report.bytes) } catch { failure = "\(error)" }
      position += 1
      collect()
      waits.append(traced.isWaiting)
      if first == nil, traced.isFollowing { first = traced.inUse }
    }
  }

  /// The stream is over.
  func finish() {
    traced.release()
    collect()
  }

  private func collect() {
    said += traced.takeEvents().map { Said(event: $0, position: position) }
  }
}
