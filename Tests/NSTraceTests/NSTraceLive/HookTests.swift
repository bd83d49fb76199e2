// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTraceLive

/// What C does not ask for when a program is added.
@Suite struct HookTests {
  @Test func `the probe names each program of the kernel side`() throws {
    let programs = try Self.text("bpf/nsevents.bpf.c")
      .matches(of: /\nint (?:BPF_PROG\()?(\w+)/).map { String($0.1) }
    let probe = try Self.text("Sources/CBPF/probe.c")
    let words = Set(probe.matches(of: /\w+/).map { String($0.0) })
    #expect(programs.count == 20)
    #expect(programs.filter { !words.contains($0) } == [])
  }

  @Test func `each hook that the probe attaches has its name and its loss`() throws {
    let attached = try Self.text("Sources/CBPF/probe.c")
      .matches(of: /HOOK\(skel, NST_HOOK_\w+,\s+"(\w+)",/).map { String($0.1) }
    #expect(attached.count == 17)
    #expect(attached.filter { name in !Hook.all.contains { $0.name == name } } == [])
    #expect(Set(Hook.all.map(\.bit)).count == Hook.all.count)
  }

  private static func text(_ file: String) throws -> String {
    try String(contentsOfFile: Repository.path(file), encoding: .utf8)
  }
}
