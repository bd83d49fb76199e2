// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
internal import NSTrace

/// R1: an orchestrator sets a 128-bit ID for a process. All ones mean unset, and may not be set.
struct RequestJudge: Judge {
  private var r1 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let registration = account.registration else { return }
    let request = registration.request
    let sets = evidence.sets
    r1.expect(sets.allSatisfy { $0.id == request.id }, at: evidence.serials) {
      "another ID is recorded than \(request.id), which was asked for"
    }
    r1.expectRefusal(
      of: registration, only: .malformed, isGranted: evidence.isGranted, at: evidence.serials,
      "what is no ID was set")
  }

  var verdicts: [Clause: Verdict] { [.r1: r1.verdict(orElse: Self.noRequest)] }

  static let noRequest = "nobody asked for a registration"
}
