// SPDX-License-Identifier: Apache-2.0

import NSTrace

/// Keeps decoded records as they are.
struct StreamRecorder: EachRecord {
  var events: [RawRecord] = []

  mutating func observe(_ record: RawRecord) { events.append(record) }
}
