// SPDX-License-Identifier: Apache-2.0

internal import CBPF

/// A namespace in use, and who uses it.
public struct NamespaceSummary: Sendable, Equatable {
  public var namespace: NamespaceID
  /// How many tasks are in it, or hold it for their children.
  public var tasks: Int
  /// Of the task among them that started first: its process and owner.
  public var oldestPid: UInt32
  public var oldestUid: UInt32?
  public var oldestComm: [UInt8]
  public var oldestExe: [UInt8]
  public var oldestExeMarks: ProgramMarks
}

/// All namespaces of one task: what an NS_INFO record says.
public struct TaskSummary: Sendable, Equatable {
  public var tid: UInt32
  public var tgid: UInt32
  /// By slot.
  public var namespaces: [NamespaceID]
  public var uid: UInt32?
  public var auid: UInt32?
  public var ses: UInt32?
  public var comm: [UInt8]
  public var exe: [UInt8]
  public var exeMarks: ProgramMarks
  public var noNewPrivs: Bool
  public var seccomp: UInt16
  public var containers: ContainerList
  /// The path of its cgroup: in v2, or, where that is the root, in v1; empty where it is not known. Of a
  /// long one the end, so that the line does not get too long for ausearch.
  public var cgroup: BoundedText
}

extension NamespaceState {
  /// Bytes: as of programs.
  static var printedPathLimit: Int { Int(NST_PATH_BYTES) - 1 }

  /// How many tasks are known.
  public var taskCount: Int { tasks.count }

  /// How many namespaces are in use.
  public var namespaceCount: Int { namespaces.used }

  /// The namespaces in use, by kind and inode number.
  public var summaries: [NamespaceSummary] {
    var users: [NamespaceID: [TaskTable.Entry]] = [:]
    for task in tasks.sorted where task.set != .unknown {
      var told: Set<NamespaceID> = []
      for slot in NamespaceSlot.allCases {
        let index = sets[task.set][slot.rawValue]
        let id = namespaces[index].id
        guard !namespaces[index].isFreed, told.insert(id).inserted else { continue }
        users[id, default: []].append(task)
      }
    }
    return namespaces.sorted.filter { !$0.isFreed }.compactMap { entry in
      users[entry.id].flatMap { summary(of: entry.id, $0) }
    }
  }

  private func summary(of id: NamespaceID, _ users: [TaskTable.Entry]) -> NamespaceSummary? {
    guard let oldest = users.min(by: { ($0.startNs, $0.tid) < ($1.startNs, $1.tid) }) else {
      return nil
    }
    let subject = subjects[oldest.subject]
    return NamespaceSummary(
      namespace: id, tasks: users.count, oldestPid: oldest.tgid, oldestUid: subject?.uid,
      oldestComm: subject?.commBytes ?? [], oldestExe: subjects.exe(of: oldest.subject),
      oldestExeMarks: subjects.exeMarks(of: oldest.subject))
  }

  /// All tasks whose place is known, in the order of tids.
  public var taskSummaries: [TaskSummary] {
    tasks.sorted.compactMap { summary(of: $0) }
  }

  /// All namespaces of one task; nil where they are not known.
  func summary(of task: TaskTable.Entry) -> TaskSummary? {
    guard task.set != .unknown else { return nil }
    let subject = subjects[task.subject]
    return TaskSummary(
      tid: task.tid, tgid: task.tgid,
      namespaces: NamespaceSlot.allCases.compactMap { namespace(of: task, in: $0) },
      uid: subject?.uid, auid: subject?.auid, ses: subject?.ses,
      comm: subject?.commBytes ?? [], exe: subjects.exe(of: task.subject),
      exeMarks: subjects.exeMarks(of: task.subject),
      noNewPrivs: task.confinement.hasNoNewPrivs, seccomp: task.confinement.seccomp,
      containers: containers[sets[task.set][SetTable.labelLane]],
      cgroup: cgroups.path(of: subjects.cgroups(of: task.subject))
        .keepingEnd(Self.printedPathLimit))
  }
}
