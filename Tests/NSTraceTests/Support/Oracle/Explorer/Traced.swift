// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// What makes records of a stream and is judged by the truth: the tracer, or a model of it.
protocol Traced: AnyObject {
  func take(_ bytes: [UInt8]) throws
  /// The stream is over: what is held back is held no longer.
  func release()
  var isWaiting: Bool { get }
  /// About what it asks a walk.
  var waiting: [NamespaceID] { get }
  var isFollowing: Bool { get }
  /// What it has said since this was last asked.
  func takeEvents() -> [ObservedEvent]
  var inUse: Set<NamespaceID> { get }
  /// Where the tasks are whose place is known.
  var places: [UInt32: NamespacePlace] { get }
  var taskCount: Int { get }
  func container(of tid: UInt32) -> ContainerList
}
