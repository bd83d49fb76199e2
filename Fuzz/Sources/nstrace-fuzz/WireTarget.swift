// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
@testable internal import NSTrace

/// Tracks any bytes as a stream, with the policy, options and format that the first byte chooses: once as
/// they are, and once mended into valid records, so that the code behind the decoder is reached.
enum WireTarget {
  static func run(_ input: [UInt8]) {
    guard let choice = input.first else { return }
    let stream = Array(input.dropFirst())
    track(stream, choice)
    var mender = StreamMender(stream)
    while let record = mender.next() { mended.append(contentsOf: record) }
    track(mended, choice)
    mended.removeAll(keepingCapacity: true)
  }

  nonisolated(unsafe) private static var mended: [UInt8] = []

  private static func track(_ stream: [UInt8], _ choice: UInt8) {
    let policies = ContainerPolicies.all
    var tracker = Tracker(
      sink: PinnedHold(CheckingSink(format: choice >> 6)),
      policy: policies[Int(choice & 0x0f) % policies.count],
      options: TrackerOptions(
        identifiesSets: choice & 0x10 != 0, tellsLifecycle: choice & 0x20 != 0))
    var decoder = EventDecoder()
    RecordBatch(stream).withBytes { _ = try? decoder.decode($0, into: &tracker) }
    let broken = tracker.state.checkInvariants()
    require(broken.isEmpty, "\(broken)")
    tracker.sink.release()
    require(tracker.counters.events == tracker.sink.next.events, "each event is written once")
    CheckingSink.check(tracker)
  }
}
