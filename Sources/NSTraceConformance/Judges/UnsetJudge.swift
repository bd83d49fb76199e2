// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// T1: a task without a registration of its own or of an ancestor belongs to the host and is unset.
/// T9: making namespaces makes no container, and a container needs no namespace of its own.
struct UnsetJudge: Judge {
  private var t1 = Tally()
  private var t9 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    for (record, event) in evidence.namespaceRecords
    where record.isMembership && account.carried[record.opid] == [ContainerList()] {
      let isUnset = record.containers.isUnset
      t1.expect(isUnset, at: [event.serial]) {
        "task \(record.opid) was not registered, and has contid=\(record.containers.words)"
      }
      guard record.verb == .create && record.granted else { continue }
      t9.expect(isUnset, at: [event.serial]) {
        "task \(record.opid) got contid=\(record.containers.words) for making a namespace"
      }
    }
    guard account.isFollowing, let registration = account.registration, registration.isHostPlace,
      registration.isGranted
    else { return }
    t9.expect(
      evidence.isGranted || registration.isAlreadyIn, at: evidence.serials,
      "a task in the host's own namespaces was not registered as any other")
  }

  var verdicts: [Clause: Verdict] {
    [
      .t1: t1.verdict(orElse: "no record is about a task of the host"),
      .t9: t9.verdict(
        orElse: "no task of the host made a namespace, and none in the host's own was registered"),
    ]
  }
}
