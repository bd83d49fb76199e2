// SPDX-License-Identifier: Apache-2.0

/// An NS_CREATE, NS_CHANGE or NS_DESTROY record: one namespace of one task (RFC R7, R9, R10).
public struct NamespaceRecord: Hashable, Sendable {
  /// Which of the three records it is.
  public enum Verb: UInt8, Sendable, CaseIterable {
    case create, change, destroy
  }

  /// Which of the three records it is.
  public var verb: Verb
  /// What the task did: `op=`.
  public var op: Operation
  /// The namespace's kind; nil: a refused setns(fd, 0), which does not state it.
  public var kind: NamespaceKind?
  /// The namespace made, entered or no longer used; nil: a refused call made none.
  public var namespace: NamespaceID?
  /// The task's namespace before; nil: not known, and with NS_DESTROY.
  public var old: NamespaceID?
  /// The tid, in the initial PID namespace, of the task whose membership this is about.
  public var opid: UInt32
  /// Whether the kernel granted it.
  public var granted: Bool
  /// The container IDs of that task; with NS_DESTROY and op=release those that leave the namespace.
  public var containers: ContainerList
  /// The containers of the namespace: with NS_CHANGE those that used it before; with op=assign and
  /// op=release the others that use it. Under a policy that stains namespaces also those that have
  /// used it (T2), with NS_CREATE too.
  public var namespaceContainers: ContainerList
  /// The serial of the event that an output has printed the containers of the namespace with, if it
  /// does not print them again (`ns-contid-in=`); 0: `namespaceContainers` has them.
  package var listedIn: UInt64 = 0
  /// `cses=` (T4): 0 for a task in a container, the session number for one that entered a
  /// container's namespace from outside; nil: any other task.
  public var session: UInt32?
  /// `nshash=` (T5): the task's set of namespaces afterwards; nil: the option is off.
  public var setHash: NamespaceHash?
  /// With NS_DESTROY: whether the kernel's object still exists, because of a bind mount, a
  /// descriptor or something else; nil: not known, or not yet.
  public var isPinned: Bool?

  /// Orders the records of an event: creations, changes, destructions, each by kind.
  var rank: UInt16 { UInt16(verb.rawValue) << 8 | UInt16(kind?.rawValue ?? 0xff) }

  /// Whether it has `ns-contid=`, or `ns-contid-in=`: NS_CHANGE, and NS_CREATE of a stained namespace.
  var printsList: Bool {
    verb == .change || listedIn != 0 || !namespaceContainers.isUnset
  }

  package init(
    verb: Verb, op: Operation, kind: NamespaceKind?, namespace: NamespaceID?, old: NamespaceID?,
    opid: UInt32, granted: Bool = true, containers: ContainerList = ContainerList(),
    namespaceContainers: ContainerList = ContainerList(), session: UInt32? = nil,
    setHash: NamespaceHash? = nil, isPinned: Bool? = nil
  ) {
    self.containers = containers
    self.namespaceContainers = namespaceContainers
    self.verb = verb
    self.op = op
    self.kind = kind
    self.namespace = namespace
    self.old = old
    self.opid = opid
    self.granted = granted
    self.session = session
    self.setHash = setHash
    self.isPinned = isPinned
  }
}
