// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// What a runtime tells its hooks on their standard input: the state of the container (OCI runtime
/// specification, "State"), as far as a registration needs it.
struct OCIState: Equatable {
  /// What the runtime calls the container.
  let id: String
  /// `creating`, `created`, `running`, `stopped`, or a word of the runtime's own.
  let status: String
  /// The container's process, by its number where the runtime runs; 0: there is none.
  let pid: UInt32

  /// Annotations of a Kubernetes pod may have 256 KiB.
  static let bytesMax = 1 << 20
  /// PID_MAX_LIMIT of the kernel: 2^22 is no process any more.
  private static let pidLimit = 1 << 22

  /// - Parameter bytes: one JSON object of at most `bytesMax` bytes.
  init(_ bytes: [UInt8]) throws(OCIStateError) {
    guard bytes.count <= Self.bytesMax else { throw .tooLong }
    let text: Text
    do {
      text = try JSONDecoder().decode(Text.self, from: Data(bytes))
    } catch {
      throw .malformed
    }
    guard !text.id.isEmpty else { throw .noID }
    id = text.id
    status = text.status
    guard let pid = text.pid ?? (text.status == "stopped" ? 0 : nil), 0..<Self.pidLimit ~= pid
    else { throw .noProcess }
    self.pid = UInt32(pid)
  }

  /// There is a process that can be registered.
  var hasProcess: Bool { pid != 0 && status != "stopped" }

  private struct Text: Decodable {
    let id: String
    let status: String
    let pid: Int?
  }
}
