// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// The state of a container, which an OCI runtime writes to the standard input of its hooks (runtime
/// specification, "State"): the fields that a registration needs.
struct OCIState: Equatable {
  /// The runtime's name for the container.
  let id: String
  /// `creating`, `created`, `running`, `stopped`, or a status that the runtime defines.
  let status: String
  /// The container's process, as the runtime's PID namespace numbers it; 0: there is none.
  let pid: UInt32

  /// A state includes annotations, and those of a Kubernetes pod may have 256 KiB.
  static let bytesMax = 1 << 20
  /// The kernel's PID_MAX_LIMIT; pids are less.
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

  /// Whether there is a process that can be registered.
  var hasProcess: Bool { pid != 0 && status != "stopped" }

  private struct Text: Decodable {
    let id: String
    let status: String
    let pid: Int?
  }
}
