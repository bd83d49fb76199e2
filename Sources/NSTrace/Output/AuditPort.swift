// SPDX-License-Identifier: Apache-2.0

/// Takes the texts of audit user messages, for the kernel's audit trail.
///
/// The sandbox forbids the tracer to reach the kernel's audit. Therefore another process sends them.
package protocol AuditPort: AnyObject {
  /// Hands one text over, without waiting.
  /// - Returns: false: there is no room for it now.
  /// - Throws: `SystemError` if nothing takes texts any more.
  func put(_ text: UnsafeRawBufferPointer) throws(SystemError) -> Bool

  /// Waits until there is room.
  /// - Throws: `SystemError`: ETIMEDOUT after `milliseconds`.
  func wait(milliseconds: Int32) throws(SystemError)
}
