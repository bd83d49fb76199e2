// SPDX-License-Identifier: Apache-2.0

/// Opens the files and sockets of containers' copies.
///
/// The sandbox forbids the tracer to open files. Therefore it is done elsewhere.
package protocol RouteFiles {
  /// Opens the file of a container's copy for appending, or makes it.
  /// - Throws: `SystemError`.
  func open(_ id: ContainerID) throws(SystemError) -> FileDescriptor

  /// Connects to the socket of a copy. Called before the sandbox is entered.
  /// - Throws: `SystemError`.
  func connect(_ path: String) throws(SystemError) -> FileDescriptor
}
