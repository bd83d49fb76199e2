// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace
@testable import NSTraceLive

@Suite struct CensusTests {
  private let id = NamespaceID(kind: .net, inum: 7, nsid: 0)

  @Test func `of twenty times the processor time of a walk one is spent in walks`() {
    var census = walked(spending: 3_000_000)
    census.settle(behind: 0, at: 1_003_000_000)
    #expect(census.dueNs == 1_063_000_000)
  }

  @Test func `a walk that had to wait for the processor is not followed by a longer rest`() {
    var census = walked(spending: 3_000_000)
    census.settle(behind: 0, at: 4_000_000_000)
    #expect(census.dueNs == 4_060_000_000)
  }

  @Test func `a short walk is followed by ten milliseconds of rest`() {
    var census = walked(spending: 1_000)
    census.settle(behind: 0, at: 1_000_001_000)
    #expect(census.dueNs == 1_010_001_000)
  }

  @Test func `a loss ends a walk and leaves when the next may begin`() {
    var census = walked(spending: 3_000_000)
    census.settle(behind: 0, at: 1_003_000_000)
    census.abandon()
    #expect(census.dueNs == 1_063_000_000)
    guard case .idle = census.phase else {
      Issue.record("it goes on")
      return
    }
  }

  private func walked(spending spent: UInt64) -> Census {
    var census = Census()
    census.begin([id], at: 1_000_000_000)
    census.add(census.takePart(), spent: spent)
    return census
  }

  @Test func `a walk that finds nobody says so of each namespace that was asked about`() throws {
    var census = Census()
    let other = NamespaceID(kind: .uts, inum: 9, nsid: 0)
    census.begin([id, other], at: 5)
    census.settle(behind: 0, at: 6)
    let bytes = census.take(at: 8)
    let size = MemoryLayout<nst_users>.size
    #expect(bytes.count == 2 * size)
    let records = bytes.withUnsafeBytes { bytes in
      (0..<2).map { bytes.loadUnaligned(fromByteOffset: $0 * size, as: nst_users.self) }
    }
    #expect(records.map(\.inum) == [7, 9])
    #expect(records.map(\.tasks) == [0, 0])
    #expect(records.map(\.began_ns) == [5, 5])
    #expect(records.map(\.hdr.time_ns) == [8, 8])
  }
}
