// SPDX-License-Identifier: Apache-2.0

/// T4: whose inside a namespace is.
struct NamespaceInside {
  /// The containers whose tasks live in it: the innermost one of each task that is no visitor there.
  var residents: Set<ContainerID> = []
  /// These and those around them. Where no task lives, those that sessions are inside by it, which may
  /// have ended; where there are none, those that have stained it (T2).
  var containers: Set<ContainerID> = []
}
