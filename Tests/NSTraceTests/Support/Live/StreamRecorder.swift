// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Keeps all decoded records.
struct StreamRecorder: EachRecord {
  var events: [RawRecord] = []

  mutating func observe(_ record: RawRecord) { events.append(record) }
}
