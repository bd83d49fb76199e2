// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// R1: an orchestrator writes a 128-bit ID for a process. All ones is no ID and may not be set.
struct RequestJudge: Judge {
  private var r1 = Tally()

  mutating func weigh(_ evidence: Evidence, against account: Account) {
    guard let request = account.registration?.request else { return }
    let sets = evidence.containerRecords.map(\.record).filter { $0.verb == .set }
    r1.expect(sets.allSatisfy { $0.id == request.id }, at: evidence.serials) {
      "another ID is recorded than \(request.id), which was asked for"
    }
    guard request.id.isUnset || request.has(NST_REGISTER_MALFORMED) else { return }
    r1.expect(!sets.contains { $0.granted }, at: evidence.serials, "what is no ID was set")
  }

  var verdicts: [Clause: Verdict] { [.r1: r1.verdict(orElse: Self.noRequest)] }

  static let noRequest = "nobody asked for a registration"
}
