// SPDX-License-Identifier: Apache-2.0

/// A claim of the records that is false.
struct Violation: Hashable {
  enum Kind: String, CaseIterable {
    /// NS_CREATE of a namespace with other users, by a task that only entered it.
    case entrantToldAsMaker = "told as made by a task that entered it while others used it"
    /// NS_CREATE by unshare or clone of a namespace that another task has made.
    case notTheMaker = "told as made by the wrong task"
    /// NS_CHANGE for the call that made the namespace.
    case makerToldAsEntrant = "told as entered by the task that made it"
    /// No record for a namespace whose maker's report has come.
    case neverCreated = "made, reported, and never told as created"
    case createdTwice = "told as created while it was in use, or once more"
    case destroyedWhileUsed = "told as destroyed while in use all the time"
    case destroyedUnused = "told as destroyed when no record had it in use"
    case changedToUnused = "told as entered when no record had it in use"
    /// NS_CHANGE into a namespace with the same number as the one that the task is in.
    case enteredAnother = "told to be in a namespace that it was not in"
    case unfounded = "told of a namespace that the task was not in"
    /// op=assign, op=release or ns-contid of a container whose tasks were never in the namespace.
    case containerNeverInside = "container told in a namespace that none of its tasks ever used"
    case wrongContainer = "the task's container ID is not the one that it has"
    case inUseDiffers = "in use by the records is not what is in use"
    case placesDiffer = "the tasks are not where they are told to be"
    case lossUntold = "records were lost, and NS_LOST says otherwise"
    case waitsInVain = "a report is held back though everything is reported"
    case failed = "the tracer failed"
  }

  var kind: Kind
  var text: String
  /// How many records the tracer had been given.
  var position: Int
}
