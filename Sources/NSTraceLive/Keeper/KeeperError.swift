// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import NSTrace

/// Why a directory's keeper cannot be used.
public enum KeeperError: Error, Equatable, Sendable {
  /// There is none.
  case none(String)
  /// There is none yet, and another tracer is to make it.
  case claimed(String)
  /// It has no link: it was half made or half removed.
  case half(String)
  /// The pin with that name is missing, or is nothing of nstrace's.
  case foreign(String, pin: String)
  /// Its layout is that of another version of nstrace.
  case version(String, UInt32)
  /// The directory or a pin cannot be opened.
  case unreadable(String, errno: Int32)
  /// The directory is missing, and cannot be made.
  case notMade(String, errno: Int32)
  /// The directory is not in a bpffs.
  case noBPFFS(String)
  /// There is no bpffs in this mount namespace, which is not the host's.
  case otherMounts(String)
  /// Others than root, or the user of this tracer, may use the directory, and may have put there what is
  /// there.
  case notOurs(String)
  /// The kernel takes no keeper.
  case notLoaded(errno: Int32)
  /// It is locked, and not removed.
  case locked(String)
  /// It cannot be removed, or not whole.
  case notRemoved(String, errno: Int32)
  /// A tracer registers there, and it is neither removed nor made.
  case inUse(String)
  /// Its program is another version's, and is not replaced, because a tracer registers there.
  case programInUse(String)

  init(_ path: String, _ status: nst_keeper_status) {
    self =
      switch status.finding {
      case NST_KEEPER_NONE: .none(path)
      case NST_KEEPER_HALF: .half(path)
      case NST_KEEPER_FOREIGN: .foreign(path, pin: Self.name(of: status.pin))
      case NST_KEEPER_VERSION_UNKNOWN: .version(path, status.version)
      case NST_KEEPER_NOT_MADE: .notMade(path, errno: status.error_number)
      case NST_KEEPER_NO_BPFFS: .noBPFFS(path)
      case NST_KEEPER_NOT_OURS: .notOurs(path)
      case NST_KEEPER_OTHER_MOUNTS: .otherMounts(path)
      case NST_KEEPER_NOT_LOADED: .notLoaded(errno: status.error_number)
      // Swift imports a C enum as a number, which may have any value.
      default: .unreadable(path, errno: status.error_number)
      }
  }

  /// Whether another tracer registers.
  public var isClaimed: Bool {
    if case .claimed = self { return true }
    return false
  }

  /// Whether a keeper may be there. A tracer that registered without it could give a process of a
  /// container another ID, because it would not see the first one.
  public var leavesRegistrations: Bool {
    switch self {
    case .none, .notMade, .noBPFFS, .notLoaded: false
    case .claimed, .half, .foreign, .version, .unreadable, .otherMounts, .notOurs, .locked,
      .notRemoved, .inUse, .programInUse:
      true
    }
  }

  private static func name(of pin: nst_keeper_pin) -> String {
    unsafe String(cString: nst_keeper_pin_name(pin))
  }
}

extension KeeperError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .none(let path): "there is no keeper in \(path)"
    case .claimed(let path):
      "another tracer registers the containers of \(path), and none is registered yet"
    case .half(let path):
      "the keeper in \(path) has no link, so births were missed: remove it (nstrace keeper remove)"
    case .foreign(let path, let pin):
      "\(path)/\(pin) is missing or nothing of nstrace's, and the keeper in \(path) is not trusted: "
        + "remove it (nstrace keeper remove), or give another --keep"
    case .version(let path, let version):
      "the keeper in \(path) has layout \(version), and this nstrace knows "
        + "\(NST_KEEPER_VERSION): run the nstrace that made it, or remove it"
    case .unreadable(let path, let errno):
      "the keeper in \(path) cannot be opened (\(SystemError.text(errno)))"
    case .notMade(let path, let errno):
      "\(path) cannot be made (\(SystemError.text(errno)))"
    case .noBPFFS(let path):
      "\(path) is not in a bpffs: mount one (mount -t bpf -o mode=0700 bpf /sys/fs/bpf), "
        + "or give another --keep"
    case .otherMounts(let path):
      "\(path) is not in a bpffs here, and the host's is hidden: run nstrace in the host's mount namespace "
        + "(nsenter --mount=/proc/1/ns/mnt), or mount one there (mount -t bpf -o mode=0700 bpf /sys/fs/bpf)"
    case .notOurs(let path):
      "others may use \(path), and what is there is not trusted: remove it (rm -r), "
        + "or give another --keep"
    case .locked(let path): "the keeper in \(path) is locked until reboot"
    case .notRemoved(let path, let errno):
      "the keeper in \(path) cannot be removed (\(SystemError.text(errno)))"
    case .inUse(let path): "a tracer registers containers in \(path): end it first"
    case .programInUse(let path):
      "a tracer registers containers in \(path), and the program there is that of another nstrace: "
        + "end the tracer, and make the keeper again before another one starts"
    case .notLoaded(let errno):
      "the kernel takes no keeper (\(SystemError.text(errno))); --verbose shows what it said"
    }
  }
}
