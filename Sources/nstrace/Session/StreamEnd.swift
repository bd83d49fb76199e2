// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// When a recording ends.
enum StreamEnd {
  /// A time counts from the end of what can be read only once.
  struct Unknown: Error, CustomStringConvertible {
    let description = "the end of standard input is not known before: give a file, or a time of day"
  }

  /// The time of its latest record: CLOCK_REALTIME, nanoseconds. All of it is read, and nothing is tracked. Of a
  /// damaged one that of the latest record before the damage.
  /// - Throws: `DumpError` if it is no dump.
  static func timeNs(of source: consuming DumpSource) throws -> Int64 {
    let times = StreamTimes()
    var batch = RecordBatch()
    var isFirst = true
    while true {
      do {
        guard try source.next(into: &batch) == .records else { break }
      } catch {
        // The replay says what is wrong.
        if isFirst { throw error }
        break
      }
      isFirst = false
      times.take(batch)
    }
    return times.realtimeNs(times.latestNs)
  }
}
