// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The dump that a run writes beside its other outputs.
final class Recording: RecordTap {
  private var dump: LiveDump
  private var watch = OutputWatch()
  /// The name in messages.
  let name: String
  /// Whether the dump goes to standard output.
  let isStandardOutput: Bool
  /// Whether its end has been said.
  private var isEnded = false

  /// The most bytes that wait for room, or for a reader.
  private static let waitingMax = 8 << 20

  /// - Parameter file: an empty file.
  init(_ file: consuming FileDescriptor) {
    name = file.name
    dump = LiveDump(file, waitingMax: Self.waitingMax)
    isStandardOutput = dump.isStandardOutput
  }

  /// How it fares. Its records are those of the stream.
  var state: OutputState {
    OutputState(
      failure: dump.failure, isClosed: dump.isClosed, hasGap: dump.hasGap,
      missing: dump.missing, awaited: dump.awaited)
  }

  /// Whether the dump is written.
  var works: Bool { dump.failure == nil }
  /// Whether records are missing, so that a walk over all tasks has to follow.
  var needsWalk: Bool { dump.needsWalk }

  func take(_ batch: borrowing RecordBatch) { dump.take(batch) }

  /// Writes what waits.
  func drain() { dump.drain() }

  /// Writes the last block. A reader is waited for, a second at most.
  func finish() { dump.finish(waiting: 1000) }

  /// Says once when it begins to fail, when it works again, and when it ends too early.
  /// - Parameter isOver: whether nothing more comes.
  func say(isOver: Bool) {
    guard let failure = dump.failure, isOver || dump.isClosed else {
      return watch.look(at: name, state)
    }
    if isEnded { return }
    isEnded = true
    Diagnostics.fail("\(failure): the recording ends here, whole up to its last block")
  }
}
