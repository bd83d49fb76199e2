// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension History.Step {
  /// The stream begins, with these hooks attached.
  static func host(_ hooks: Int32) -> Self {
    Self { run in
      var record = nst_host()
      record.initial = NamespacePlace.initial.wire
      record.hooks = UInt32(hooks)
      run.append(record)
    }
  }

  /// The kernel frees an inode number.
  static func freed(_ inum: UInt32) -> Self {
    Self { run in
      var record = nst_freed()
      record.inum = inum
      run.append(record)
    }
  }

  /// User space has found out whether a namespace still exists.
  static func pinned(
    _ kind: NamespaceKind, _ inum: UInt32, _ answer: nst_answer, nsid: UInt64 = 0
  ) -> Self {
    Self { run in
      var record = nst_pinned()
      (record.id, record.inum, record.type) = (nsid, inum, UInt32(kind.cloneFlag))
      record.answer = answer.rawValue
      run.append(record)
    }
  }

  /// A namespace has had an ID since before the stream began (T2).
  static func stain(_ kind: NamespaceKind, _ inum: UInt32, _ id: String, nsid: UInt64 = 0) -> Self {
    Self { run in
      var record = nst_stain()
      (record.id, record.inum, record.type) = (nsid, inum, UInt32(kind.cloneFlag))
      let id = ContainerID(id) ?? .unset
      (record.contid_high, record.contid_low) = (id.high, id.low)
      run.append(record)
    }
  }
}

extension History {
  /// The events that the hold releases after each step, and at the end.
  func held() throws -> [[String]] {
    var lines: [[String]] = []
    try hold { hold in
      lines.append(hold.next.events.flatMap(\.lines))
      hold.next.events = []
    }
    return lines
  }

  /// How many events wait for an answer behind each step, and behind the end.
  func waitingEvents() throws -> [Int] {
    var counts: [Int] = []
    try hold { hold in counts.append(hold.events.made - hold.events.written) }
    return counts
  }

  private func hold(_ look: (inout PinnedHold<CollectingSink>) -> Void) throws {
    var tracker = Tracker(sink: PinnedHold(CollectingSink()))
    var decoder = EventDecoder()
    for step in steps {
      try RecordBatch(step).withBytes { try decoder.decode($0, into: &tracker) }
      look(&tracker.sink)
    }
    tracker.sink.release()
    look(&tracker.sink)
  }
}
