// SPDX-License-Identifier: Apache-2.0

internal import Glibc
@testable internal import NSTrace

/// Makes three streams of a pattern, each twice as long as the one before, and requires that reading
/// them costs processor time and memory in proportion to their bytes.
///
/// The first byte chooses the reader, the others are a `CostPattern`. The longest stream then costs
/// four times as much as the shortest, and its second half twice as much as that of the middle one. If
/// a record costs more the more records there are, these are up to sixteen and four times. More than
/// seven and three times is condemned, on a fast machine as on a slow one, and so is more than
/// `CostReader.limitOfKiB`.
enum CostTarget {
  static func run(_ input: [UInt8]) {
    guard let choice = input.first, let pattern = CostPattern(Array(input.dropFirst())) else {
      return
    }
    if !isWarm { warm() }
    weigh(pattern, CostReader(choice))
  }

  /// By then each list names as many IDs as it ever does (CostPattern).
  private static let shortest = 256 << 10
  private static let longest = 4 << 20
  /// Less says nothing about how a time grows.
  private static let nsMin = 150_000_000
  private static let trials = 5
  /// For measuring anew what honest streams take.
  private static let printsCost = getenv("NSTRACE_FUZZ_COST") != nil

  // What the first runs allocate for good is not the stream's.
  nonisolated(unsafe) private static var isWarm = false

  private static func warm() {
    isWarm = true
    for choice in 0..<4 as Range<UInt8> {
      _ = CostReader(choice).cost(of: [RecordBatch(Seeds.containers)])
    }
  }

  private static func weigh(_ pattern: CostPattern, _ reader: CostReader) {
    var bytes = shortest
    var costs = [cost(of: bytes, pattern, reader)]
    while costs[0].ns < nsMin / 2, bytes < longest / 4 {
      bytes *= 2
      costs[0] = cost(of: bytes, pattern, reader)
    }
    costs += [2, 4].map { cost(of: $0 * bytes, pattern, reader) }
    // Other processes take caches and half of a core: a time can only be too long.
    for _ in 1..<trials where grows(costs, reader) {
      for step in 0...2 { costs[step].lower(to: cost(of: bytes << step, pattern, reader)) }
    }
    require(!grows(costs, reader), "\(reader): the cost grows faster than the stream: \(costs)")
  }

  /// Both must hold, because each alone is true of an honest stream when the machine is busy.
  private static func grows(_ costs: [Cost], _ reader: CostReader) -> Bool {
    let (before, after) = (costs[1] - costs[0], costs[2] - costs[1])
    let isSlower = after.ns > max(nsMin, 3 * before.ns) && costs[2].ns > 7 * costs[0].ns
    let isLarger =
      after.bytes > max(reader.ownBytes, 3 * before.bytes) && costs[2].bytes > 7 * costs[0].bytes
    return isSlower || isLarger
  }

  private static func cost(of bytes: Int, _ pattern: CostPattern, _ reader: CostReader) -> Cost {
    let stream = pattern.stream(of: bytes)
    let cost = reader.cost(of: stream)
    let kib = stream.reduce(0) { $0 + $1.count } >> 10 + 1
    let what = "\(reader): \(kib) KiB take \(cost.ns / 1000) us and \(cost.bytes >> 10) KiB"
    if printsCost { print(what) }
    let limit = reader.limitOfKiB
    require(cost.ns < nsMin + kib * limit.ns, what)
    require(cost.bytes < reader.ownBytes + kib * limit.bytes, what)
    return cost
  }
}
