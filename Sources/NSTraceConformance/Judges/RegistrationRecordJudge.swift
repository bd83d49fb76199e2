// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// R3: a registration is one event with a CONTAINER_OP, which has the ID and the target. A refused
/// one has the errno of the reason. A granted one has an NS_INFO with all namespaces of the target
/// as (device, inode).
struct RegistrationRecordJudge: Judge {
  private var r3 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard account.isFollowing, let registration = account.registration else { return }
    let target = registration.request.target_tid
    let events = evidence.events.filter { $0.containers.contains { $0.verb == .set } }
    r3.expect(events.count == 1, at: evidence.serials) {
      "the registration of task \(target) is told in \(events.count) events"
    }
    guard let event = events.first else { return }
    let ofTarget = event.containers.filter { $0.verb == .set && $0.opid == target }
    // A target that has ended has no record if its children go on in the container.
    let isSurvived =
      registration.isTargetGone && !registration.records.contains { $0.opid == target }
    r3.expect(
      ofTarget.map(\.granted) == (isSurvived ? [] : [registration.isGranted])
        || (ofTarget.isEmpty && registration.isAlreadyIn), at: [event.serial]
    ) {
      "the registration of task \(target) is to be "
        + (registration.isGranted ? "granted" : "refused")
        + ", and CONTAINER_OP does not say so"
    }
    expectReason(registration, ofTarget, at: event.serial)
    guard registration.isGranted, let place = registration.place else { return }
    r3.expect(
      event.info?.tid == target && event.info?.inums == place.map(\.inum)
        && event.devices == [account.nsfsDev], at: [event.serial],
      "NS_INFO does not name the namespaces of task \(target)")
  }

  /// Judges the errno of a justified refusal. It is the same occasion and is not counted again.
  private mutating func expectReason(
    _ registration: Account.Registering, _ said: [ContainerRecord], at serial: UInt64
  ) {
    guard let expected = registration.records.first?.refusal, let errno = said.first?.refusal,
      errno != expected
    else { return }
    r3.expect(
      false, at: [serial],
      "the registration of task \(registration.request.target_tid) was refused with "
        + "\(errno.name), and for \(expected.name)")
  }

  var verdicts: [Clause: Verdict] { [.r3: r3.verdict(orElse: RequestJudge.noRequest)] }
}

extension Account.Registering {
  /// Whether the target carried the ID before this registration of it.
  var isAlreadyIn: Bool { isGranted && target.contains(request.id) }
}
