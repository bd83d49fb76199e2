// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc
internal import NSTrace

/// What is said of the kernel side.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Size of the kernel's ring: bytes, or with K or M. Default: 512K a CPU, 4M to 64M.",
      valueName: "size"),
    transform: RingSize.parse)
  var ringSize: RingSize?

  @Option(
    help: ArgumentHelp(
      """
      What sees unshare, setns and refused clones: fentry (fexit programs: other system calls stay \
      fast, and 32-bit ones are seen at once), tracepoint, auto (fentry where the kernel allows \
      it and, not preempting itself, skips none, or else tracepoint), or sys_exit (sees 32-bit \
      calls at once everywhere; every system call on the machine takes 30 to 40 ns longer than \
      with tracepoint).
      """,
      valueName: "hooks"))
  var hooks = Choice(HookTier.auto)

  @Flag(help: "Say on standard error what libbpf does, and what sees system calls and why.")
  var verbose = false

  /// Attaches to the kernel, and says what it does not give.
  func open() throws(ProbeError) -> KernelSource {
    let source = try KernelSource(
      ringBytes: (ringSize ?? .forThisMachine).bytes, hooks: hooks.value,
      version: NSTraceCommand.version,
      verbose: verbose)
    if verbose { Diagnostics.say("\(source.tierReason)") }
    if let shortfall = source.shortfall { Diagnostics.warn("\(shortfall)") }
    return source
  }
}

/// The size of the ring in bytes: a power of two of at least a page.
struct RingSize {
  let bytes: Int

  /// - Throws: `ValidationError` for anything else.
  static func parse(_ argument: String) throws -> RingSize {
    let units = ["K": 1 << 10, "M": 1 << 20]
    let unit = units[argument.suffix(1).uppercased()]
    guard let number = Int(unit == nil ? argument[...] : argument.dropLast()), number > 0,
      case (let bytes, false) = number.multipliedReportingOverflow(by: unit ?? 1),
      bytes >= 4 << 10, bytes <= 1 << 30, bytes & (bytes - 1) == 0
    else {
      throw ValidationError("the ring's size is a power of two from 4K to 1024M")
    }
    return RingSize(bytes: bytes)
  }

  static var forThisMachine: RingSize {
    let wanted = (512 << 10) * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    var bytes = 4 << 20
    while bytes < wanted && bytes < 64 << 20 { bytes *= 2 }
    return RingSize(bytes: bytes)
  }
}
