// SPDX-License-Identifier: Apache-2.0

/// A CONTAINER_SESSION record (T4, Grubb): a task from outside is inside a container from now on, or
/// the last task of its session is no longer. A tracer says of the sessions that began before it did
/// that they go on. It is to a container what USER_LOGIN and USER_LOGOUT
/// are to a host.
public struct SessionRecord: Equatable, Sendable {
  /// What happened: `op=`.
  public enum Verb: UInt8, CaseIterable, Sendable {
    case begin, end
    /// It began before the stream did, and tasks of it live.
    case resume

    /// The value of `op=`.
    var name: StaticString {
      switch self {
      case .begin: "begin"
      case .end: "end"
      case .resume: "resume"
      }
    }

    /// The verb that `op=` names; nil: none.
    package init?(name: String) {
      guard let verb = Self.allCases.first(where: { "\($0.name)" == name }) else { return nil }
      self = verb
    }
  }

  /// How a task came in, or the last one went: `how=`.
  public struct Way: Equatable, Sendable {
    /// What it did; nil: it was registered as a container of its own.
    public var op: Operation?
    /// The kinds of the container's namespaces that it entered or left.
    public var kinds: [NamespaceKind]

    package init(_ op: Operation?, _ kinds: [NamespaceKind] = []) {
      self.op = op
      self.kinds = kinds
    }

    /// Whether nothing saw it happen, so that the time is that of its discovery.
    public var isLate: Bool { op == .late || op == .resync }

    /// Appends `setns:mnt,net`.
    package func append(to text: inout TextBuffer) {
      text.append(op?.name ?? "register")
      for (index, kind) in kinds.enumerated() {
        text.append(index == 0 ? ":" : ",")
        text.append(kind.name)
      }
    }
  }

  /// Whether the session begins, ends or goes on.
  public var verb: Verb
  /// The session, and the containers that it is inside.
  public var visit: ContainerVisit
  /// How the task came in, or the last one went.
  public var way: Way
  /// A tid in the initial PID namespace: of the task that came in, or that was the last one.
  public var opid: UInt32
  /// The task that came in, as it was then, also at the end; nil: not known.
  public var entrant: EventActor?
  /// The entrant's program then; empty: not known.
  public var exe: [UInt8]
  /// What `exe` itself does not show: deleted, or cut.
  public var exeMarks: ProgramMarks
  /// When a session began that began before the stream did, `since=`: CLOCK_REALTIME, nanoseconds; nil: of
  /// the others.
  public var sinceNs: Int64?
  /// How the task of a session came in whose end is told, and no begin; nil: of the others. No record
  /// prints it.
  package var wayIn: Way?
  /// The orchestrator's names for the containers, in their order; empty: none. No record prints them.
  package var names: [[UInt8]]

  package init(
    verb: Verb, _ visit: ContainerVisit, _ way: Way, opid: UInt32, entrant: EventActor? = nil,
    exe: [UInt8] = [], exeMarks: ProgramMarks = [], names: [[UInt8]] = [],
    since sinceNs: Int64? = nil, wayIn: Way? = nil
  ) {
    self.verb = verb
    self.visit = visit
    self.way = way
    self.opid = opid
    self.entrant = entrant
    self.exe = exe
    self.exeMarks = exeMarks
    self.names = names
    self.sinceNs = sinceNs
    self.wayIn = wayIn
  }

  /// The name of the container with this index; nil: it has none.
  func name(at index: Int) -> [UInt8]? {
    index < names.count && !names[index].isEmpty ? names[index] : nil
  }
}
