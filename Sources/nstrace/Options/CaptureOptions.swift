// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace
internal import NSTraceLive

/// How the kernel side is attached.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Size of the kernel's ring: bytes, or with K or M (default: 512K a CPU, 4M to 64M).",
      valueName: "size"),
    transform: RingSize.parse)
  var ringSize: RingSize?

  // Optional, so that `isGiven` sees whether it was given.
  @Option(
    help: ArgumentHelp(
      "What sees system calls (default: auto); nstrace(8).",
      valueName: "hooks"))
  var hooks: Choice<HookTier>?

  @Option(
    help: ArgumentHelp(
      "Records a second that an unprivileged user may make (default: 2000; 0: any number).",
      valueName: "rate"))
  var share: UInt32?

  @Flag(help: "Print what libbpf does, and what sees system calls and why.")
  var verbose = false

  /// Whether any of them was given.
  var isGiven: Bool { ringSize != nil || hooks != nil || share != nil || verbose }

  /// Attaches to the kernel, and warns if hooks are missing.
  /// - Parameter keeper: keeps container IDs beyond the end; nil: they end with the tracer.
  func open(keeper: Keeper? = nil) throws(ProbeError) -> KernelSource {
    let source = try KernelSource(
      ringBytes: (ringSize ?? .forThisMachine).bytes, hooks: hooks?.value ?? .auto,
      shareRate: share ?? KernelSource.shareRate, keeper: keeper,
      version: NSTraceCommand.version, verbose: verbose)
    if verbose { Diagnostics.say("\(source.tierReason)") }
    if let shortfall = source.shortfall { Diagnostics.warn("\(shortfall)") }
    return source
  }
}
