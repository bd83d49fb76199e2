// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A tracer's results for a model's stream, record by record.
final class TracedRun {
  /// An event, with the number of records that the tracer had been given by then.
  struct Said {
    var event: ObservedEvent
    var position: Int
  }

  private var traced: any Traced
  private(set) var said: [Said] = []
  private(set) var position = 0
  /// The namespaces in use when the first snapshot was complete; nil: it is not complete.
  private(set) var first: Set<NamespaceID>?
  /// Whether records are held, by position in the stream.
  private(set) var waits: [Bool] = []
  private(set) var failure: String?

  /// - Parameter traced: the tracer that is given the stream.
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

  /// Ends the stream.
  func finish() {
    traced.release()
    collect()
  }

  private func collect() {
    said += traced.takeEvents().map { Said(event: $0, position: position) }
  }
}
