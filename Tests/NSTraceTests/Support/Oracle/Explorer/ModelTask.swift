// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A task of the model.
struct ModelTask: Hashable {
  enum Life: UInt8 {
    case unborn
    /// copy_process has made its namespaces; it cannot be found yet.
    case copied
    /// It can be found; it is not reported and does not run.
    case visible
    case running
    /// It has PF_EXITING, so walks skip it; its exit is not reported yet.
    case exiting
    /// Its exit is reported; it still holds its namespaces.
    case leaving
    case dead
  }

  /// A namespace that a call has brought the task into, unreported so far.
  struct Entry: Hashable {
    var slot: NamespaceSlot
    var namespace: Int
    /// The other users at that moment.
    var others: TaskMask
    /// Whether the call was setns, and not unshare, clone or inheritance.
    var isEntrance: Bool
    /// Whether no record reports the call.
    var isSilent = false
    /// The number of the task's container at that moment.
    var container: Int
  }

  var life = Life.unborn
  var startNs: UInt64 = 0
  var place = ModelPlace()
  /// The set that the kernel side last reported, as in task storage.
  var reported: NamespacePlace
  /// The number of the container that the task is registered for; 0: none.
  var container = 0
  /// The index of the next call of its program, or of the one under way. `step` is the step in
  /// that.
  var call = 0
  var step = 0
  /// The namespaces that a setns under way has taken.
  var target: ModelPlace?
  var isRefused = false
  /// The namespaces that its descriptors pin.
  var descriptors: [Int] = []
  /// Whether it has made a call that no record reports.
  var isSilent = false
  /// The namespaces entered since its last report.
  var entries: [Entry] = []
}
