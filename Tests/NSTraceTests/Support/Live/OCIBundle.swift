// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

/// A container of busybox. It makes a namespace, its grandchild makes another, and then it waits
/// until a test writes into a pipe.
struct OCIBundle: ~Copyable {
  private let directory: ScratchDirectory

  /// The kinds of the namespaces that the container makes, in this order.
  static let made: [NamespaceKind] = [.uts, .ipc]

  static let command = ["/bin/busybox", "sh", "/bin/inside"]

  init() throws {
    let directory = try ScratchDirectory()
    for name in ["rootfs", "rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/sys"] {
      mkdir(directory.file(name), 0o755)
    }
    mkfifo(directory.file(Self.pipe), 0o600)
    let busybox = try Files.read("/bin/busybox")
    try Files.write(busybox, to: directory.file("rootfs/bin/busybox"), mode: 0o755)
    try Files.write(Array(Self.inside.utf8), to: directory.file("rootfs/bin/inside"))
    self.directory = directory
  }

  private static let pipe = "rootfs/pipe"
  private static let inside = """
    busybox unshare -u busybox true
    (busybox sh -c 'busybox unshare -i busybox true; true'; true)
    busybox cat /pipe
    """

  var path: String { directory.path }
  func file(_ name: String) -> String { directory.file(name) }

  /// Writes the configuration of `runc spec` with these hooks by stage (OCI runtime specification,
  /// "POSIX-platform Hooks").
  func configure(hooks: [String: [[String]]]) throws {
    try FollowingProgram.run("runc", ["spec", "--bundle", path])
    var spec = try JSONLines.object(try Files.text(file("config.json")))
    var process = try #require(spec["process"] as? JSONLines.Object)
    process["terminal"] = false
    process["args"] = Self.command
    var capabilities = try #require(process["capabilities"] as? [String: [String]])
    for kind in capabilities.keys { capabilities[kind]?.append("CAP_SYS_ADMIN") }
    process["capabilities"] = capabilities
    spec["process"] = process
    spec["hooks"] = hooks.mapValues { stage in
      stage.map { ["path": $0[0], "args": $0] as JSONLines.Object }
    }
    unlink(file("config.json"))
    try Files.write(try JSONLines.text(spec), to: file("config.json"))
  }

  /// Ends the container; false: it is not waiting yet.
  func release() -> Bool {
    let fd = open(file(Self.pipe), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
    guard fd >= 0 else { return false }
    close(fd)
    return true
  }
}
