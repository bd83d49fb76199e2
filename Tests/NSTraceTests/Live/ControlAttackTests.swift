// SPDX-License-Identifier: Apache-2.0

import Glibc
import NSTrace
import Testing

extension LiveTests {
  /// Whatever is done to the control socket, the tracer goes on tracing: what happens meanwhile is
  /// recorded, nothing is lost, memory and descriptors stay bounded, and who is polite is answered.
  @Suite struct ControlAttackTests {
    enum Attack: CaseIterable {
      case garbage, halfLines, megabyteLine, endlessLine, thousandConnections, neverReads
      case closesUnread, byteByByte, tooDeep

      /// What one peer sends.
      fileprivate var bytes: [UInt8] {
        switch self {
        case .garbage: (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) } + [0x0a]
        case .halfLines, .thousandConnections: Array(#"{"op":"regis"#.utf8)
        case .megabyteLine: [UInt8](repeating: 0x78, count: 1 << 20) + [0x0a]
        case .endlessLine: [UInt8](repeating: 0x20, count: 16 << 20)
        case .neverReads, .closesUnread:
          Array(repeatElement(Self.request, count: self == .neverReads ? 10_000 : 100).joined())
        case .byteByByte: Self.request
        case .tooDeep: [UInt8](repeating: 0x5b, count: 60_000) + [0x0a]
        }
      }

      /// Answered by more than it is long.
      private static let request = Array(
        "{\"op\":\"register\",\"pid\":4194304,\"contid\":\"7\"}\n".utf8)

      /// How many there are each time, before and after something else has happened. Of those that
      /// send more than is taken few: each of them waits a second.
      fileprivate var peers: Int {
        switch self {
        case .thousandConnections: 500
        case .halfLines: 100
        case .endlessLine, .neverReads: 1
        default: 10
        }
      }
    }

    @Test(arguments: Attack.allCases)
    func `the tracer goes on tracing`(_ attack: Attack) throws {
      let directory = try ScratchDirectory()
      let output = directory.file("output")
      var nstrace = try FollowingProgram(output: .file(output))
      let files = "/proc/\(nstrace.process.pid)/fd"
      let filesBefore = Files.names(in: files).count
      let memoryBefore = try Files.residentKiB(of: nstrace.process.pid)
      var peers: [Int32] = []
      defer { peers.forEach { close($0) } }
      var pids: [Int32] = []
      for turn in 1...2 {
        for _ in 0..<attack.peers { try Self.act(attack, nstrace.control).map { peers.append($0) } }
        pids.append(try FollowingProgram.run("unshare", ["-n", "true"]).pid)
        // 64, and one that is taken before another is closed for it.
        #expect(Files.names(in: files).count <= filesBefore + 65, "turn \(turn)")
        let memory = try Files.residentKiB(of: nstrace.process.pid)
        #expect(memory < memoryBefore + (32 << 10), "turn \(turn)")
      }
      let target = try ChildProcess("cat", input: .open)
      var client = try ChildProcess(
        BuiltProducts.nstrace,
        ["register", "--pid", "\(target.pid)", "42", "--control", nstrace.control])
      #expect(try client.waitForExit() == .exited(0))
      #expect(client.outputText == "42\n")
      #expect(try nstrace.stop() == .exited(0))
      #expect(nstrace.process.errorText.contains(" 0 lost\n"))
      let lines = AuditLine.all(in: try Files.text(output))
      for pid in pids {
        let told = lines.filter { $0["opid"] == "\(pid)" && $0.type.hasPrefix("NS_") }.map(\.type)
        #expect(told == ["NS_CREATE", "NS_DESTROY"])
      }
      #expect(lines.contains { $0.type == "CONTAINER_OP" && $0["contid"] == "42" })
    }

    /// - Returns: its descriptor, where the peer stays.
    private static func act(_ attack: Attack, _ control: String) throws -> Int32? {
      let peer = try ControlPeer(control)
      let bytes = attack.bytes
      switch attack {
      case .byteByByte: for byte in bytes { peer.send([byte]) }
      case .neverReads, .endlessLine: #expect(peer.send(bytes) < bytes.count)
      case .closesUnread:
        peer.send(bytes)
        return nil
      default: peer.send(bytes)
      }
      return peer.release()
    }
  }
}
