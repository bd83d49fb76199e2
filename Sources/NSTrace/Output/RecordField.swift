// SPDX-License-Identifier: Apache-2.0

/// A field of records, by its name in JSON. Audit lines have `-` for `_`.
package struct RecordField: Sendable {
  /// What SQL takes its values for.
  package enum Kind: Sendable {
    /// Numbers; 1 and 0 for true and false.
    case number
    case text
  }

  /// The record of its event that has the field, if records of other types do not.
  package enum Home: Sendable {
    case own
    /// SYSCALL
    case call
    /// PROCTITLE
    case title
    /// NS_INFO
    case info
  }

  /// Its key.
  package let name: String
  package let kind: Kind
  package let home: Home

  private init(_ name: String, _ kind: Kind = .text, of home: Home = .own) {
    self.name = name
    self.kind = kind
    self.home = home
  }

  /// All of docs/records.schema.json, in its order.
  package static let all: [RecordField] = [
    .init("type"),
    .init("time"),
    .init("serial", .number),
    .init("arch", of: .call),
    .init("syscall", .number, of: .call),
    .init("success", .number, of: .call),
    .init("exit", .number, of: .call),
    .init("a0", of: .call),
    .init("a1", of: .call),
    .init("a2", of: .call),
    .init("a3", of: .call),
    .init("items", .number, of: .call),
    .init("ppid", .number, of: .call),
    .init("pid", .number),
    .init("auid", .number),
    .init("uid", .number),
    .init("gid", .number, of: .call),
    .init("euid", .number, of: .call),
    .init("suid", .number, of: .call),
    .init("fsuid", .number, of: .call),
    .init("egid", .number, of: .call),
    .init("sgid", .number, of: .call),
    .init("fsgid", .number, of: .call),
    .init("tty", of: .call),
    .init("ses", .number),
    .init("comm"),
    .init("exe"),
    .init("exe_deleted", .number),
    .init("exe_cut", .number),
    .init("key", of: .call),
    .init("record", .number),
    .init("op"),
    .init("nstype"),
    .init("dev"),
    .init("ino", .number),
    .init("old_dev"),
    .init("old_ino", .number),
    .init("nsid", .number),
    .init("old_nsid", .number),
    .init("opid", .number),
    .init("contid"),
    .init("cses", .number),
    .init("nshash"),
    .init("ns_contid"),
    .init("ns_contid_in", .number),
    .init("res", .number),
    .init("pinned", .number),
    .init("mntns", .number, of: .info),
    .init("utsns", .number, of: .info),
    .init("ipcns", .number, of: .info),
    .init("pidns", .number, of: .info),
    .init("pidns_children", .number, of: .info),
    .init("userns", .number, of: .info),
    .init("netns", .number, of: .info),
    .init("cgroupns", .number, of: .info),
    .init("timens", .number, of: .info),
    .init("timens_children", .number, of: .info),
    .init("nnp", .number),
    .init("seccomp", .number),
    .init("cgroup"),
    .init("cgroup_cut", .number),
    .init("rel"),
    .init("old_contid"),
    .init("name"),
    .init("contid_src"),
    .init("old_nnp", .number),
    .init("old_seccomp", .number),
    .init("late", .number),
    .init("errno"),
    .init("lost", .number),
    .init("kind"),
    .init("since"),
    .init("resynced", .number),
    .init("cause"),
    .init("how"),
    .init("proctitle", of: .title),
    .init("proctitle_cut", .number, of: .title),
    .init("virt"),
    .init("vm"),
    .init("uuid"),
    .init("resrc"),
    .init("reason"),
    .init("vm_pid", .number),
    .init("source"),
    .init("fields"),
    .init("text"),
  ]
}
