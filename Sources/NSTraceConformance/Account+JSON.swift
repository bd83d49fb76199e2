// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

extension Account {
  /// The account in the detail of audit lines, which mark a cut path by its dots alone.
  var inAuditLines: Account {
    if cgroups.isEmpty { return self }
    var account = self
    account.cgroups = cgroups.map { (BoundedText($0.path.visible), $0.stances) }
    return account
  }

  /// The account in the detail of JSON, which omits the parents of containers and writes Unicode
  /// only.
  var inJSON: Account {
    if carried.isEmpty && namespaces.isEmpty && ends.isEmpty && registration == nil
      && cgroups.isEmpty && taken.isEmpty
    {
      return self
    }
    var account = self
    account.carried = carried.mapValues { $0.map(\.withoutNesting) }
    account.actor = actor?.withoutNesting
    for index in namespaces.indices {
      account.namespaces[index].containers = namespaces[index].containers.withoutNesting
      account.namespaces[index].namespaceContainers =
        namespaces[index].namespaceContainers.withoutNesting
    }
    account.cgroups = cgroups.map { ($0.path.inJSON, $0.stances) }
    account.ends = ends.map(\.inJSON)
    account.taken = taken.map(\.inJSON)
    account.registration?.name = (registration?.name ?? []).inUnicode
    account.registration?.records = (registration?.records ?? []).map(\.inJSON)
    account.registration?.target = (registration?.target ?? ContainerList()).withoutNesting
    account.registration?.caller = (registration?.caller ?? ContainerList()).withoutNesting
    account.registration?.callerAfter =
      (registration?.callerAfter ?? ContainerList()).withoutNesting
    account.registration?.targetAfter =
      (registration?.targetAfter ?? ContainerList()).withoutNesting
    return account
  }
}

extension ContainerList {
  fileprivate var withoutNesting: ContainerList {
    ContainerList(elements.map { .init($0.id) })
  }
}

extension ContainerRecord {
  fileprivate var inJSON: ContainerRecord {
    var record = self
    record.old = old.withoutNesting
    record.name = name.inUnicode
    return record
  }
}

extension BoundedText {
  /// JSON shows that a text is cut, and not where.
  fileprivate var inJSON: BoundedText { BoundedText(visible.inUnicode, cut: isCut ? .front : nil) }
}

extension [UInt8] {
  fileprivate var inUnicode: [UInt8] { Array(String(decoding: self, as: UTF8.self).utf8) }
}
