// SPDX-License-Identifier: Apache-2.0

import CBPF
import Testing

@testable import NSTrace
@testable import NSTraceLive

/// What is made of the kernel's own words for its mode.
@Suite struct KernelModeTests {
  typealias Preemption = nst_preemption

  private static let dynamic = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.117-1~deb12u1 (2026-11-14)"

  @Test(arguments: [
    ("none (voluntary) full \n", NST_PREEMPTION_NONE),
    ("(none) voluntary full \n", NST_PREEMPTION_NONE),
    ("none voluntary (full) \n", NST_PREEMPTION_FULL), ("full (lazy) \n", NST_PREEMPTION_FULL),
    ("none voluntary something", NST_PREEMPTION_UNKNOWN), ("", NST_PREEMPTION_UNKNOWN),
  ])
  func `a mode that is chosen is asked for`(modes: String, expected: Preemption) {
    #expect(nst_preemption_of(Self.dynamic, modes, nil) == expected)
  }

  @Test(arguments: [
    ("quiet preempt=full\n", NST_PREEMPTION_FULL), ("preempt=voluntary quiet", NST_PREEMPTION_NONE),
    ("preempt=lazy", NST_PREEMPTION_FULL), ("preempt=none\n", NST_PREEMPTION_NONE),
    ("quiet nopreempt=none preempt=nonesuch\n", NST_PREEMPTION_UNKNOWN),
  ])
  func `or else the command line says it`(cmdline: String, expected: Preemption) {
    #expect(nst_preemption_of(Self.dynamic, nil, cmdline) == expected)
    #expect(nst_preemption_of(Self.dynamic, "?", cmdline) == expected)
  }

  @Test func `it can have been changed since`() {
    #expect(
      nst_preemption_of(Self.dynamic, "none voluntary (full)", "preempt=none")
        == NST_PREEMPTION_FULL)
    #expect(nst_preemption_of(Self.dynamic, nil, nil) == NST_PREEMPTION_UNKNOWN)
  }

  @Test(arguments: [
    ("#1 SMP Debian 6.1", NST_PREEMPTION_NONE),
    ("#1 SMP PREEMPT_RT Debian 6.1", NST_PREEMPTION_FULL),
    ("#1 SMP PREEMPT Wed", NST_PREEMPTION_FULL), ("#1 SMP PREEMPT_LAZY", NST_PREEMPTION_FULL),
  ])
  func `another version says it itself`(version: String, expected: Preemption) {
    #expect(nst_preemption_of(version, "(voluntary)", "preempt=none") == expected)
    #expect(nst_preemption_of(version, nil, nil) == expected)
  }

  @Test func `lockdown`() {
    #expect(nst_lockdown_of("none integrity [confidentiality]\n", nil) == 1)
    #expect(nst_lockdown_of("none [integrity] confidentiality\n", "lockdown=confidentiality") == 0)
    #expect(nst_lockdown_of(nil, "quiet lockdown=confidentiality\n") == 1)
    #expect(nst_lockdown_of(nil, "quiet lockdown=integrity") == 0)
    #expect(nst_lockdown_of(nil, nil) == 0)
  }

  @Test func `of this kernel`() {
    let preemption = nst_preemption()
    #expect(
      [NST_PREEMPTION_UNKNOWN, NST_PREEMPTION_NONE, NST_PREEMPTION_FULL].contains(preemption))
    #expect(nst_ftrace_is_on(-1) == 1)
  }

  @Test func `why a tier was chosen is said`() {
    #expect("\(HookTierReason.fexit)" == "system calls are seen by fexit programs")
    #expect("\(HookTierReason.asked)" == "system calls are seen by tracepoints")
    for reason in [HookTierReason.ftraceIsOff, .preempts, .mayPreempt] {
      #expect("\(reason)".hasSuffix(": system calls are seen by tracepoints"))
    }
  }
}
