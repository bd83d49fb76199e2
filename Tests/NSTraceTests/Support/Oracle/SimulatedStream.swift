// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

/// The stream that a source makes from a simulated kernel: a snapshot that overlaps with events,
/// live records, and now and then a loss with the snapshot that mends it.
struct SimulatedStream {
  private(set) var kernel: SimulatedKernel
  /// Whether a walk over the tasks has just ended.
  private(set) var hasWalked = false
  private var hasBegun = false
  private let hasLosses: Bool

  init(seed: UInt64, hasIDs: Bool, hasLosses: Bool = true) {
    kernel = SimulatedKernel(seed: seed, hasIDs: hasIDs)
    self.hasLosses = hasLosses
  }

  /// The next records, up to a moment when nothing is under way. The state must then be what was
  /// reported of the kernel's tasks.
  mutating func next() -> [RawRecord] {
    hasWalked = !hasBegun || kernel.random.chance(4)
    if hasWalked { return (hasBegun && hasLosses ? loseSome() : []) + walk() }
    for _ in 0..<kernel.random.below(20) { kernel.step() }
    return kernel.takeRing()
  }

  /// HOST, with the namespaces of `.initial` as the host's own.
  static func host(at time: UInt64, hooks: Int32 = 0) -> RawRecord {
    var host = nst_host()
    (host.hdr.time_ns, host.initial) = (time, NamespacePlace.initial.wire)
    host.hooks = UInt32(hooks)
    return .host(host)
  }

  private mutating func loseSome() -> [RawRecord] {
    kernel.lossPercent = 40
    for _ in 0..<30 { kernel.step() }
    kernel.lossPercent = 0
    return kernel.takeRing() + kernel.takeLost()
  }

  /// Each part of the walk comes before what the ring held once the part was made.
  private mutating func walk() -> [RawRecord] {
    var events: [RawRecord] = hasBegun ? [] : [Self.host(at: kernel.now)]
    hasBegun = true
    kernel.isWalking = true
    events.append(.snapshotBegin(nst_snapshot(hdr: kernel.header(), tasks: 0)))
    var last: UInt32 = 0
    while let (tid, event) = kernel.see(after: last) {
      last = tid
      events.append(event)
      if kernel.random.chance(30) { kernel.step() }
      if kernel.random.chance(20) { events += kernel.takeRing() }
    }
    events += kernel.takeRing()
    events.append(.snapshotEnd(nst_snapshot(hdr: kernel.header(), tasks: 0)))
    kernel.isWalking = false
    return events
  }
}
