// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

/// A clause of the RFC (R), a position of its thread (T) or of the 2016 thread (L), numbered as the
/// project's specification numbers them.
public enum Clause: String, CaseIterable, Sendable {
  case r1 = "R1"
  case r2 = "R2"
  case r3 = "R3"
  case r4 = "R4"
  case r5 = "R5"
  case r6 = "R6"
  case r7 = "R7"
  case r8 = "R8"
  case r9 = "R9"
  case r10 = "R10"
  case r11 = "R11"
  case r12 = "R12"
  case r13 = "R13"
  case t1 = "T1"
  case t2 = "T2"
  case t3 = "T3"
  case t4 = "T4"
  case t5 = "T5"
  case t6 = "T6"
  case t7 = "T7"
  case t8 = "T8"
  case t9 = "T9"
  case t10 = "T10"
  case t11 = "T11"
  case t12 = "T12"
  case t13 = "T13"
  case t14 = "T14"
  case t15 = "T15"
  case t18 = "T18"
  case t20 = "T20"
  case l1 = "L1"
  case l2 = "L2"
  case l3 = "L3"
  case l4 = "L4"

  /// What the clause demands, in one line.
  public var text: StaticString {
    switch self {
    case .r1: "an orchestrator registers a container by a 128-bit ID; unset is no ID"
    case .r2: "a registration needs the capability; no task changes its own ID"
    case .r3: "a registration, even a refused one, records the ID, the PID and all namespaces"
    case .r4: "an event names each container ID that takes part in it"
    case .r5: "fork and clone inherit the container ID"
    case .r6: "a target with threads or children is refused, or all of them get the ID"
    case .r7: "every creation of a namespace is recorded, with the creator's container ID"
    case .r8: "a namespace has container IDs of its own, apart from its processes' IDs"
    case .r9: "the end of a namespace's use is recorded once, when its last task leaves"
    case .r10: "a change of a task's namespaces records the parent and the child namespace"
    case .r11: "the end of a container is recorded when its last process has exited"
    case .r12: "no namespace moves directly between containers; joining and leaving are recorded"
    case .r13: "IDs are compared as 128-bit scalars"
    case .t1: "host processes start without an ID; no ID means the host"
    case .t2: "an ID is written once, on tasks and on namespaces, and stays (an indelible dye)"
    case .t3: "nested orchestrators add IDs below their own and never drop their own"
    case .t4: "who enters a running container has a session, from begin to end with both IDs"
    case .t5: "a task whose namespaces differ from its parent's gets an ID: a checksum over the set"
    case .t6: "the ID is random, none is chosen; a writer of audit records may register itself once"
    case .t7: "registration needs CAP_AUDIT_CONTROL in the initial user namespace"
    case .t8: "containers have the virtualization lifecycle events"
    case .t9: "a container needs no namespace, and a namespace does not make a container"
    case .t10: "a process has many tags instead of one ID"
    case .t11: "a task has one context number of 32 bits, set once and inherited"
    case .t12: "a host task that enters stays without an ID; the namespace has the container's"
    case .t13: "reading an ID needs the capability, too"
    case .t14: "a change of ID is an event, which records the old ID"
    case .t15: "the system call and the namespaces it changed have one serial"
    case .t18:
      "once locked, no registration is changed, replaced or taken back; new ones are granted"
    case .t20: "a process of the host learns the ID at the other end of its socket"
    case .l1: "records say whether all tasks of a container, or of a cgroup, have no_new_privs"
    case .l2: "confinement does not depend on cgroups, and naming one gives nobody another's ID"
    case .l3: "the seccomp mode is inherited, and NS_INFO prints it"
    case .l4: "a change of a container's or a cgroup's no_new_privs or seccomp mode is recorded"
    }
  }

  /// The author of the clause.
  public var source: StaticString {
    switch self {
    case .r1, .r2, .r3, .r4, .r5, .r6, .r7, .r8, .r9, .r10, .r11, .r12, .r13: "RFC v2"
    case .t1, .t13: "Moore"
    case .t2: "Biederman, Bottomley"
    case .t3: "Bottomley, Sarai"
    case .t4, .t8, .t15, .t18: "Grubb"
    case .t5: "Salaün"
    case .t6: "Cox"
    case .t7: "Moore, Schaufler, Grubb"
    case .t9: "Schaufler, Briggs"
    case .t10: "Schaufler"
    case .t11: "Salaün"
    case .t12: "Paris, Grubb"
    case .t14: "Sarai"
    case .t20: "Sorce"
    case .l1, .l2, .l3, .l4: "2016"
    }
  }

  /// The position under whose policy the clause is judged.
  var position: Position {
    switch self {
    case .t2: .writeOnce
    case .t3, .t18: .nested
    case .t5: .automatic
    case .t6: .randomOnly
    case .t8: .lifecycle
    case .t10: .tags
    case .t11: .xid
    case .r1, .r2, .r3, .r4, .r5, .r6, .r7, .r8, .r9, .r10, .r11, .r12, .r13: .rfc
    case .t1, .t4, .t7, .t9, .t12, .t13, .t14, .t15, .t20, .l1, .l2, .l3, .l4: .rfc
    }
  }
}
