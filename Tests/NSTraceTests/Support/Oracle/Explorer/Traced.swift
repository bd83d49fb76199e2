// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A tracer, or a model of it, whose records of a stream are judged by the truth.
protocol Traced: AnyObject {
  func take(_ bytes: [UInt8]) throws
  /// Ends the stream: held records are released.
  func release()
  var isWaiting: Bool { get }
  /// The namespaces that it asks a walk about.
  var waiting: [NamespaceID] { get }
  var isFollowing: Bool { get }
  /// Takes the events since the last call.
  func takeEvents() -> [ObservedEvent]
  var inUse: Set<NamespaceID> { get }
  /// The namespaces of the tasks with known ones.
  var places: [UInt32: NamespacePlace] { get }
  var taskCount: Int { get }
  func container(of tid: UInt32) -> ContainerList
}
