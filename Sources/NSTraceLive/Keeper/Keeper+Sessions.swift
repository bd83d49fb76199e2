// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
package import NSTrace

/// Container sessions, and which processes are in them.
extension Keeper {
  /// The highest number that a session may have been given.
  package var lastSession: UInt32 { unsafe nst_keeper_state(raw).last_session }

  /// Has later tracers give higher numbers than this one.
  package func setLastSession(_ number: UInt32) {
    unsafe nst_keeper_set_last_session(raw, number)
  }

  /// All sessions, by number, and the numbers of those that cannot be nstrace's.
  /// - Throws: `SystemError`.
  package func readSessions() throws(SystemError) -> (kept: [KeptSession], damaged: Set<UInt32>) {
    var sessions: [UInt32: KeptSession] = [:]
    var damaged: Set<UInt32> = []
    var number: UInt32 = 0
    for step in 0..<Self.sessionStepLimit {
      var session = nst_keeper_session()
      switch unsafe nst_keeper_next_session(raw, step == 0 ? 1 : 0, &number, &session) {
      case 1: sessions[number] = KeptSession(session)
      case -EBADMSG: damaged.insert(number)
      case 0: return (sessions.values.sorted { $0.number < $1.number }, damaged)
      case let result: throw SystemError("read the keeper in \(path)", errno: -result)
      }
    }
    throw SystemError("read the keeper in \(path), which changes all the time", errno: EAGAIN)
  }

  /// A table that another tracer changes meanwhile can begin anew.
  private static let sessionStepLimit = 4 * Int(NST_KEEPER_SESSIONS)

  /// The processes that are or were in these sessions.
  /// - Throws: `SystemError`.
  func readInside(_ sessions: [KeptSession]) throws(SystemError) -> [nst_inside] {
    if sessions.isEmpty { return [] }
    let numbers = Dictionary(
      sessions.map { ($0.number & VisitWord.sessionMask, $0.number) }, uniquingKeysWith: { $1 })
    var all: [nst_inside] = []
    var visits = nst_keeper_visits()
    for page in 0..<UInt32(NST_KEEPER_PAGES) {
      let result = unsafe nst_keeper_read_visits(raw, page, &visits)
      guard result == 0 else { throw SystemError("read the keeper in \(path)", errno: -result) }
      Self.append(visits, of: page, numbers, to: &all)
    }
    return all
  }

  private static func append(
    _ visits: nst_keeper_visits, of page: UInt32, _ numbers: [UInt32: UInt32],
    to all: inout [nst_inside]
  ) {
    let words = unsafe withUnsafeBytes(of: visits.of) {
      unsafe Array($0.bindMemory(to: UInt32.self))
    }
    for (index, raw) in words.enumerated() where raw != 0 {
      let word = VisitWord(raw: raw)
      guard let number = numbers[word.session] else { continue }
      let tgid = page * UInt32(NST_KEEPER_PAGE) + UInt32(index)
      all.append(
        nst_inside(hdr: nst_header(), tgid: tgid, session: number, slots: word.slots, pad: 0))
    }
  }

  /// Adds a session.
  /// - Throws: `SystemError`; ENOSPC: there are `NST_KEEPER_SESSIONS`, or no memory.
  func put(_ session: KeptSession) throws(SystemError) {
    var entry = session.entry
    let result = unsafe nst_keeper_put_session(raw, &entry)
    guard result == 0 else { throw SystemError("keep a session", errno: -result) }
  }

  func remove(session number: UInt32) { _ = unsafe nst_keeper_remove_session(raw, number) }

  /// Says what a process is inside; nil: nothing. Its later children are, too.
  /// - Returns: whether the keeper had something else of it.
  func set(_ word: VisitWord?, of tgid: UInt32) -> Bool {
    let new = word?.raw ?? 0
    // Other processors have the page, too.
    if unsafe nst_keeper_visit(raw, tgid) == new { return false }
    unsafe nst_keeper_set_visit(raw, tgid, new)
    return true
  }
}

extension KeptSession {
  init(_ entry: nst_keeper_session) {
    var record = entry.kept
    record.hdr = nst_header()
    let exe = unsafe withUnsafeBytes(of: entry.exe) { exe in
      unsafe Array(exe.prefix(Int(entry.kept.exe_bytes)))
    }
    self.init(record, exe: exe)
  }

  /// The value for the keeper's map.
  var entry: nst_keeper_session {
    var entry = nst_keeper_session()
    entry.kept = record
    entry.kept.hdr = nst_header()
    let exe = exe.prefix(Int(NST_PATH_BYTES))
    entry.kept.exe_bytes = UInt16(exe.count)
    unsafe withUnsafeMutableBytes(of: &entry.exe) { unsafe $0.copyBytes(from: exe) }
    return entry
  }
}
