// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// A task of the model.
struct ModelTask: Hashable {
  enum Life: UInt8 {
    case unborn
    /// copy_process has made its namespaces; nobody can find it.
    case copied
    /// Others can find it; it is not reported and does not run.
    case visible
    case running
    /// PF_EXITING: walks pass it over; nothing is reported yet.
    case exiting
    /// Its exit is reported, its namespaces are still there.
    case leaving
    case dead
  }

  /// A namespace that a call has brought the task into, which is not reported yet.
  struct Entry: Hashable {
    var slot: NamespaceSlot
    var namespace: Int
    /// Who used it at that moment, but for the task itself.
    var others: TaskMask
    /// setns, as opposed to unshare, clone and inheritance.
    var isEntrance: Bool
    /// By a call that nobody reports.
    var isSilent = false
    /// That the task was in then.
    var container: Int
  }

  var life = Life.unborn
  var startNs: UInt64 = 0
  var place = ModelPlace()
  /// What the kernel side last reported, as its task storage has it.
  var reported: NamespacePlace
  /// The container that it is registered for; 0: none.
  var container = 0
  /// Which call of its program is next or under way, and which step of that.
  var call = 0
  var step = 0
  /// Taken by a setns that is under way.
  var target: ModelPlace?
  var isRefused = false
  /// What its descriptors pin.
  var descriptors: [Int] = []
  /// It has made a call that nobody reports.
  var isSilent = false
  /// Since its last report.
  var entries: [Entry] = []
}
