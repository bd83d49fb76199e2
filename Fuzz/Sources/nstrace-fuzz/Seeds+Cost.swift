// SPDX-License-Identifier: Apache-2.0

internal import CNSWire
@testable internal import NSTrace

// MARK: - Streams that cost much

extension Seeds {
  /// What every stream of a `CostPattern` begins with: a host with ns_ids (6.18), and two tasks.
  static let beginning: [UInt8] = {
    var encoder = RecordEncoder()
    var host = nst_host()
    host.initial = identified(set())
    host.hooks = UInt32(NST_HOOK_NSFS | NST_HOOK_CENSUS)
    encoder.append(host)
    encoder.append(nst_snapshot(hdr: header(1), tasks: 0))
    for tid in [1, 9] as [UInt32] {
      var task = task(tid)
      task.set = identified(task.set)
      encoder.append(task, tail: Array("/bin/\(tid)".utf8))
    }
    encoder.append(nst_snapshot(hdr: header(2), tasks: 2), kind: NST_KIND_SNAPSHOT_END)
    return encoder.bytes
  }()

  /// Patterns of records that have once taken time by the square of their number, or could.
  static let costly: [(name: String, readers: [UInt8], pattern: [UInt8])] = {
    // Audit lines; JSON with containers by cgroup and their lifecycle; listings; a comparison; judges.
    let all: [UInt8] = [0, 0x84, 1, 2, 3]
    // Long lists take seconds.
    let two: [UInt8] = [0, 3]
    let born = Part(fork(10, of: 1), Words.task)
    let nested = Part(fork(10, of: 6), Words.task)
    let member = Part(
      nst_member(hdr: header(30), task: id(10), container: 0, flags: 4), Words.task)
    let registered = Part(registration(of: 10), tail: "web", Words.registration)
    let left = Part(nst_exit(hdr: header(40), task: id(10)), Words.task)
    var inside = clone(6, by: 1)
    inside.set = apart()
    let shared = Part(inside, [])
    let guest: UInt32 = 100_000
    var visit = entering(guest)
    visit.set = apart()
    var makes = entering(1)
    (makes.set, makes.call.op, makes.call.flags) = (identified(makes.set), 3, 0x0400_0000)
    let cgroups = Part(cgroup(10), tail: "/lx/aaaa", [0, 2, 7])
    let uts = NamespaceSlot.uts.rawValue
    return [
      ("containers", all, pattern([born, member, registered])),
      ("one-set", two, pattern([shared, nested, member, registered])),
      (
        "visitors", two,
        pattern([
          shared, nested, member, registered, Part(fork(guest, of: 1), Words.task),
          Part(visit, Words.task), Part(nst_exit(hdr: header(40), task: id(guest)), Words.task),
        ])
      ),
      ("tasks", all, pattern([born, left])),
      (
        "namespaces", all,
        pattern([Part(makes, [0, Words.id(of: uts), Words.inum(of: uts)]), born])
      ),
      ("walks", all, pattern([Part(nst_snapshot(hdr: header(50), tasks: 0), [0]), born])),
      ("cgroups", all, pattern([cgroups, born])),
      ("renames", all, pattern([cgroups, Part(cgroup(5), tail: "/lx/aaaa", [0, 7])])),
    ]
  }()

  /// The numbers of words by which a `CostPattern` counts.
  private enum Words {
    /// Time, start, tid and tgid of FORK, EXIT, MEMBER, SWITCH.
    static let task: [Int] = [0, 2, 4, 5]
    /// Time, ID, target and number of REGISTER.
    static let registration: [Int] = [0, 4, 7, 8]
    // CGROUP: 2 is the ID, 7 the last four bytes of a path of eight. SNAPSHOT_BEGIN has the time alone.
    /// The ns_id and the inode number of a slot of SWITCH.
    static func id(of slot: Int) -> Int { 44 + 2 * slot }
    static func inum(of slot: Int) -> Int { 64 + slot }
  }

  private struct Part {
    var record: [UInt8]
    var words: [Int]

    init(
      _ record: some WireRecord & BitwiseCopyable, tail: String = "", _ words: [Int]
    ) {
      var encoder = RecordEncoder()
      encoder.append(record, tail: Array(tail.utf8))
      (self.record, self.words) = (encoder.bytes, words)
    }
  }

  private static func pattern(_ parts: [Part]) -> [UInt8] {
    var numbers: [UInt8] = []
    for index in 0..<CostPattern.records {
      let words = index < parts.count ? parts[index].words.map { UInt8($0) } : []
      let none = repeatElement(UInt8.max, count: CostPattern.wordsOfRecord - words.count)
      numbers += words + none
    }
    return numbers + parts.flatMap(\.record)
  }

  private static func fork(_ tid: UInt32, of parent: UInt32) -> nst_fork {
    nst_fork(hdr: header(20), child: id(tid), parent_tid: parent, container: 0)
  }

  private static func cgroup(_ id: UInt64) -> nst_cgroup {
    nst_cgroup(hdr: header(60), id: id, hierarchy: 0, path_bytes: 8, delegated: 0)
  }

  /// A set of which three namespaces are not the host's: with ten, lists take a minute.
  private static func apart() -> nst_set {
    var set = set()
    for slot in [.uts, .ipc, .net] as [NamespaceSlot] {
      set[slot] = NamespaceID(kind: slot.kind, inum: set[slot].inum + 1000, nsid: 0)
    }
    return identified(set)
  }

  /// The set with ns_ids.
  private static func identified(_ set: nst_set) -> nst_set {
    var set = set
    for slot in NamespaceSlot.allCases {
      let inum = set[slot].inum
      set[slot] = NamespaceID(kind: slot.kind, inum: inum, nsid: UInt64(inum))
    }
    return set
  }
}
