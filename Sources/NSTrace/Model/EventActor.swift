// SPDX-License-Identifier: Apache-2.0

package import CNSWire

/// The task that caused an event, with the credentials that it had then. All numbers are those of the initial
/// PID and user namespaces.
public struct EventActor: Equatable, Sendable {
  /// The thread: gettid(2).
  public var tid: UInt32
  /// The process: getpid(2).
  public var pid: UInt32
  /// The parent process: getppid(2).
  public var ppid: UInt32
  /// The real user.
  public var uid: UInt32
  /// The login user, `auid=`; `UInt32.max` before a login.
  public var auid: UInt32
  /// The audit session, `ses=`; `UInt32.max` before a login.
  public var session: UInt32
  /// The name of the thread: bytes of its own choice, 15 at most.
  public var comm: [UInt8]

  package init(_ subject: nst_subject) {
    tid = subject.task.tid
    pid = subject.task.tgid
    ppid = subject.ppid
    uid = subject.uid
    auid = subject.auid
    session = subject.ses
    comm = unsafe withUnsafeBytes(of: subject.comm) { unsafe Array($0.prefix { $0 != 0 }) }
  }

  /// Who came into a container; nil: not known.
  package init?(_ event: nst_kept_session) {
    guard event.tid != 0 else { return nil }
    (tid, pid, ppid) = (event.tid, event.tgid, event.ppid)
    (uid, auid, session) = (event.uid, event.auid, event.ses)
    comm = unsafe withUnsafeBytes(of: event.comm) { unsafe Array($0.prefix { $0 != 0 }) }
  }
}

extension AuditEvent {
  /// The task that caused the event; nil: no task did (a loss).
  public var actor: EventActor? { subject.map(EventActor.init) }
}
