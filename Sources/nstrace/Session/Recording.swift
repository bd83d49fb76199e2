// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// The dump that a run writes. If writing fails, the run goes on without the dump.
final class Recording: RecordTap {
  private var dump: DumpSink?
  private(set) var hasFailed = false

  init(_ dump: consuming DumpSink) { self.dump = .some(dump) }

  func take(_ batch: borrowing RecordBatch) {
    do throws(SystemError) {
      try dump?.write(batch)
    } catch {
      stop(error)
    }
  }

  /// Writes the last block.
  func finish() {
    do throws(SystemError) {
      try dump?.finish()
    } catch {
      stop(error)
    }
  }

  private func stop(_ error: SystemError) {
    Diagnostics.fail("\(error): the recording ends here, whole up to its last block")
    dump = nil
    hasFailed = true
  }
}
