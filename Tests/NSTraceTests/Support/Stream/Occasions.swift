// SPDX-License-Identifier: Apache-2.0

import CNSWire
import NSTrace

/// A stream that gives occasions for each clause, and refusals with one reason each.
///
/// Task 9 registers. Task 8 does so too, so that an ID has another owner. Each wrong request has a
/// target of its own, so that a wrong answer has no further effect. No two IDs have a word in
/// common, except `first` and `alike`.
enum Occasions {
  typealias Stream = ConformanceStream

  static let first = ContainerID(high: 0, low: 7)
  static let alike = ContainerID(high: 0x11, low: 7)
  static let second = ContainerID(high: 0x22, low: 8)
  static let family = ContainerID(high: 0x33, low: 10)
  static let random = ContainerID(high: 0x44, low: 11)
  static let dye = ContainerID(high: 0x66, low: 12)
  /// Of a tracer before this stream.
  static let earlier = ContainerID(high: 0x99, low: 17)
  static let other = ContainerID(high: 0x77, low: 13)
  static let tag = ContainerID(high: 0x88, low: 14)
  static let late = ContainerID(high: 0xa1, low: 15)
  static let tooLate = ContainerID(high: 0xa2, low: 16)
  /// IDs that processes ask for themselves.
  static let own = (1...4).map { ContainerID(high: 0x90 + UInt64($0), low: 200 + UInt64($0)) }
  /// IDs that are not to be granted.
  static let wrong = (1...3).map { ContainerID(high: 0x55 + UInt64($0), low: 100 + UInt64($0)) }
  /// The cgroup of all tasks that make or enter namespaces.
  static let cgroup: UInt64 = 77

  static let stream = ConformanceStream(
    kept: keptSessions + [Stream.stain(.net, 142, earlier)], others: [10],
    births + refusals + containers + cgroups + delegation + crowds + stains + tags + selves + lock
      + ends)

  /// Of two sessions one goes on. Earlier tracers have given numbers up to `lastKept`.
  private static let keptSessions: [Stream.Step] = [
    Stream.keptSession(lastKept), Stream.keptSession(7, in: visited),
    Stream.keptSession(9, in: visited), Stream.found(10, [.net: 161]), Stream.inside(10, 7, .net),
  ]

  static let visited = ContainerID(high: 0xb1, low: 17)
  static let lastKept: UInt32 = 20

  private static let births: [Stream.Step] =
    [4, 5, 6, 8, 22, 24, 30, 31, 32, 33, 35, 36, 37].map { Stream.fork(1, $0) } + [
      Stream.fork(22, 23), Stream.fork(33, 34),
      // The host makes and enters namespaces, and is refused.
      Stream.unshare(5, [.uts: 101, .net: 102]), Stream.setns(3, [.net: 102]),
      Stream.setns(3, [.uts: 101]), Stream.refusedUnshare(6, .net), Stream.clone(6, 7, [.ipc: 103]),
      Stream.unshare(6, [.pidChildren: 104]), Stream.unshare(6, [.timeChildren: 105]),
      Stream.exec(6, [.time: 105]),
    ]

  /// Requests with one reason against each. Tasks without children are caller or target once.
  private static let refusals: [Stream.Step] = [
    Stream.register(30, as: wrong[0], flags: 0, isDone: false),
    Stream.register(31, as: wrong[1], by: 31, isDone: false),
    Stream.register(32, as: .unset, isDone: false),
    Stream.register(33, as: wrong[2], others: [34], isDone: false),
    Stream.exit(30), Stream.exit(31), Stream.exit(32), Stream.exit(34), Stream.exit(33),
  ]

  private static let containers: [Stream.Step] = [
    // The container enters namespaces that others use.
    Stream.unshare(2, [.uts: 111, .net: 112]), Stream.setns(24, [.uts: 111]),
    Stream.register(2, as: first), Stream.register(35, as: alike), Stream.exit(35),
    Stream.register(2, as: second, isDone: false),
    Stream.register(37, as: first, by: 8, isDone: false), Stream.register(36, as: first),
    Stream.exit(36), Stream.exit(37),
    Stream.register(
      22, as: family, flags: NST_REGISTER_CAPABLE | NST_REGISTER_DESCENDANTS, others: [23]),
    Stream.register(4, as: random, flags: NST_REGISTER_CAPABLE | NST_REGISTER_RANDOM),
    // The last task of a container gets no_new_privs.
    Stream.confined(4, hasNoNewPrivs: true, seccomp: 0),
    // Children carry the ID; so do the records of what they make and leave.
    Stream.fork(2, 11), Stream.unshare(11, [.ipc: 121]), Stream.fork(11, 12),
    Stream.unshare(12, [.mnt: 122]), Stream.exit(12),
  ]

  /// The last task of a cgroup without a container gets no_new_privs. A task without it joins, and
  /// leaves. At the end the parent cgroup gets a longer name.
  private static let cgroups: [Stream.Step] = [
    Stream.cgroup(70, "/a"), Stream.cgroup(71, "/a/b"), Stream.fork(1, 50), Stream.attach(50, 71),
    Stream.confined(50, hasNoNewPrivs: true, seccomp: 2), Stream.fork(1, 51),
    Stream.attach(51, 71), Stream.exit(51), Stream.cgroup(70, "/\u{e9}"), Stream.fork(1, 52),
    Stream.attach(52, 71), Stream.exit(52), Stream.exit(50),
    // A path that is too long for a record, so that its end is missing.
    Stream.cgroup(72, "/" + String(repeating: "x", count: 1022)), Stream.fork(1, 53),
    Stream.attach(53, 72), Stream.confined(53, hasNoNewPrivs: true, seccomp: 0), Stream.exit(53),
  ]

  /// A container's cgroup, and one with its name where root has not named it. The directory of the
  /// latter gets the container's name in turn.
  private static let delegation: [Stream.Step] = [
    Stream.cgroup(80, "/lxc.payload.a"), Stream.cgroup(81, "/u"),
    Stream.cgroup(82, "/u/v", believed: 1), Stream.cgroup(83, "/u/v/x", believed: 1),
    Stream.cgroup(84, "/lxc.payload.a/lxc.payload.b", believed: 1),
    Stream.fork(1, 54), Stream.attach(54, 80), Stream.fork(1, 55), Stream.attach(55, 84),
    Stream.cgroup(81, "/lxc.payload.c"),
    Stream.cgroup(82, "/lxc.payload.c/lxc.payload.a", believed: 1),
    Stream.fork(1, 56), Stream.attach(56, 83), Stream.exit(54), Stream.exit(55), Stream.exit(56),
  ]

  private static let crowds: [Stream.Step] = [
    // Tasks of the host enter, and then one of another container.
    Stream.setns(3, [.net: 112]), Stream.setns(6, [.uts: 111]), Stream.setns(4, [.net: 112]),
    // They make namespaces inside, have children there, and leave.
    Stream.unshare(3, [.ipc: 141]), Stream.fork(3, 41), Stream.unshare(41, [.uts: 142]),
    Stream.fork(41, 42), Stream.unshare(42, [.mnt: 143]), Stream.exit(42),
    Stream.setns(6, [.uts: 2]),
    Stream.unshare(1, [.cgroup: 131]), Stream.fork(1, 40), Stream.register(40, as: wrong[0]),
    Stream.unshare(24, [.ipc: 132]), Stream.setns(24, [.uts: 2]), Stream.setns(24, [.ipc: 3]),
  ]

  /// A container's namespace lives on without it, also without any task. Tasks in it, and its ID, are
  /// registered.
  private static let stains: [Stream.Step] = [
    Stream.fork(9, 60), Stream.fork(9, 61), Stream.fork(9, 62), Stream.fork(9, 63),
    Stream.unshare(60, [.net: 141]), Stream.register(60, as: dye), Stream.setns(61, [.net: 141]),
    Stream.exit(60), Stream.setns(62, [.net: 141]), Stream.register(61, as: other),
    Stream.register(63, as: dye), Stream.exit(61), Stream.exit(62), Stream.exit(63),
    Stream.fork(9, 64), Stream.setns(64, [.net: 141]), Stream.exit(64),
    Stream.fork(9, 69), Stream.setns(69, [.net: 142]), Stream.exit(69),
  ]

  /// A tag that is taken on entry, and a task that enters.
  private static let tags: [Stream.Step] = [
    Stream.fork(9, 65), Stream.fork(9, 66), Stream.unshare(65, [.net: 151]),
    Stream.register(65, as: tag, flags: NST_REGISTER_CAPABLE | NST_REGISTER_ON_ENTRY),
    Stream.setns(66, [.net: 151]), Stream.exit(65), Stream.exit(66),
  ]

  /// Processes register themselves: with CAP_AUDIT_WRITE, then again, with CAP_AUDIT_CONTROL, and inside a
  /// container.
  private static let selves: [Stream.Step] = [
    Stream.fork(9, 67), Stream.fork(9, 68),
    Stream.register(
      67, as: own[0], by: 67, flags: NST_REGISTER_WRITER | NST_REGISTER_RANDOM, isDone: false),
    Stream.register(
      67, as: own[1], by: 67, flags: NST_REGISTER_WRITER | NST_REGISTER_RANDOM, isDone: false),
    Stream.register(
      68, as: own[2], by: 68, flags: NST_REGISTER_CAPABLE | NST_REGISTER_RANDOM, isDone: false),
    Stream.exit(67), Stream.exit(68), Stream.fork(9, 70), Stream.setns(70, [.net: 112]),
    Stream.register(
      70, as: own[3], by: 70, flags: NST_REGISTER_WRITER | NST_REGISTER_RANDOM, isDone: false),
    Stream.exit(70),
  ]

  /// The registrations are locked. A new one is granted, and one that would replace another is not.
  private static let lock: [Stream.Step] = [
    Stream.fork(9, 69), Stream.register(69, as: late, flags: locked),
    Stream.register(69, as: tooLate, flags: locked, isDone: false), Stream.exit(69),
  ]

  private static let locked = NST_REGISTER_CAPABLE | NST_REGISTER_LOCKED

  private static let ends: [Stream.Step] = [40, 11, 2, 4, 3, 41, 6, 23, 22, 7, 5, 24, 10].map {
    Stream.exit($0)
  }
}
