// SPDX-License-Identifier: Apache-2.0

internal import CNSWire

/// An NS_LOST record: how many wire records are missing, of which kind, since when, and why.
public struct LostRecord: Equatable, Sendable {
  /// Why records are missing: `cause=`.
  public enum Cause: Sendable {
    /// The ring had no room.
    case full
    /// The kernel skipped the program, because the same one stood preempted on that CPU.
    case skipped
    /// kernel.ftrace_enabled was 0. A count of 1 stands for an unknown number of missing records.
    case off
    /// No record is missing: these waited for their explanation until too many had come behind them,
    /// or a registration had waited too long. A task that they name as the maker of a namespace may
    /// only have entered it.
    case unexplained
    /// No record is missing: the kernel side had no memory to keep the sets that tasks were reported
    /// with. A change that no hook sees is then found by the next walk.
    case storage
    /// A share was used up: whoever it belongs to made more records than the rate allows. Only its own
    /// records are missing.
    case share
    /// Standard output was not read, or had no room. What is missing is records, and only there.
    case stdout
    /// The audit log had no room, or could not be written. What is missing is records, and only there.
    case log
    /// A container's copy lacks them: its reader was slow, or its file had no room. What is missing is
    /// records, and only there.
    case route
    /// The kernel's audit trail was to take more messages than the rate allows. What is missing is
    /// messages, and only there.
    case rate
    /// The kernel's audit trail did not take messages in time. What is missing is messages, and only
    /// there.
    case trail
    /// The dump lacks them: its disk had no room, or its reader did not read.
    case dump
    /// No record is missing: there were too many cgroups without tasks, and so many of them were
    /// forgotten. A task that is moved into one later gets no ID by it, and no `cgroup=`. With the
    /// kind of PINNED: so many stained namespaces without tasks (T2), of which the stream does not say
    /// whether they exist.
    case forgotten
    /// The tracer did not read the kernel's audit records as fast as they came. Nothing is missing of
    /// namespaces.
    case audit
    /// The kernel's own backlog of audit records was full, so that nobody has got them.
    case backlog
  }

  /// The number of missing wire records; of records as printed if an output is the cause.
  public var count: UInt64
  /// The kind of the missing wire records (`enum nst_kind`); nil: all kinds together.
  public var kind: UInt16?
  /// CLOCK_REALTIME, nanoseconds since the epoch. No record before it is missing.
  public var sinceNs: Int64
  /// Whether a snapshot since then has made the state complete again.
  public var resynced: Bool
  /// Why they are missing.
  public var cause = Cause.full
  /// Whose records they are; nil: anybody's.
  public var share: LostShare?
}

extension LostRecord.Cause {
  /// - Parameter flags: NST_LOST_*.
  init(flags: UInt16) {
    if flags & UInt16(NST_LOST_OFF) != 0 {
      self = .off
    } else if flags & UInt16(NST_LOST_UNEXPLAINED) != 0 {
      self = .unexplained
    } else if flags & UInt16(NST_LOST_DUMP) != 0 {
      self = .dump
    } else if flags & UInt16(NST_LOST_FORGOTTEN) != 0 {
      self = .forgotten
    } else if flags & UInt16(NST_LOST_STORAGE) != 0 {
      self = .storage
    } else {
      self = flags & UInt16(NST_LOST_SKIPPED) != 0 ? .skipped : .full
    }
  }

  /// The value of `cause=`; nil: it is not printed.
  var name: StaticString? {
    switch self {
    case .full: nil
    case .skipped: "skipped"
    case .off: "off"
    case .unexplained: "unexplained"
    case .storage: "storage"
    case .share: "share"
    case .stdout: "stdout"
    case .log: "log"
    case .route: "route"
    case .rate: "rate"
    case .trail: "trail"
    case .dump: "dump"
    case .forgotten: "forgotten"
    case .audit: "audit"
    case .backlog: "backlog"
    }
  }

  /// Whether records are missing. Else the cause says only why those that are there may say less.
  var hasMissing: Bool {
    switch self {
    case .full, .skipped, .off, .share, .stdout, .log, .route, .rate, .trail, .dump, .audit,
      .backlog:
      true
    case .unexplained, .storage, .forgotten: false
    }
  }

  /// Whether tasks may be elsewhere than is known, until a walk.
  var leavesDoubt: Bool {
    switch self {
    case .full, .skipped, .off, .dump: true
    case .unexplained, .storage, .share, .stdout, .log, .route, .rate, .trail, .forgotten, .audit,
      .backlog:
      false
    }
  }
}

extension nst_lost {
  /// What a tracker reports of itself when it forgets cgroups (NST_KIND_CGROUP), or stained namespaces
  /// without tasks (NST_KIND_PINNED).
  init(forgotten count: UInt32, of kind: nst_kind, at time: UInt64) {
    self.init()
    hdr.kind = UInt16(NST_KIND_LOST.rawValue)
    hdr.size = UInt32(MemoryLayout<nst_lost>.size)
    hdr.time_ns = time
    since_ns = time
    self.count = count
    self.kind = UInt16(kind.rawValue)
    flags = UInt16(NST_LOST_FORGOTTEN)
  }
}

extension LostRecord {
  /// The value of `kind=`: the wire kind's name.
  public var kindName: StaticString {
    guard let kind else { return "all" }
    return switch RecordKind(rawValue: kind) {
    case .fork: "fork"
    case .exit: "exit"
    case .task: "task"
    case .clone: "clone"
    case .switchNamespaces: "switch"
    case .exec: "exec"
    case .cgroup, .cgroupIn: "cgroup"
    case .attach: "attach"
    case .freed: "freed"
    case .pinned: "pinned"
    case .audit: "audit"
    // Only the kernel side loses records.
    case .host, .clock, .snapshotBegin, .snapshotEnd, .lost, .register, .member, .users, .confined,
      .suppressed, .kept, .keptSession, .inside, .stain, .auditLost, nil:
      "unknown"
    }
  }
}
