// SPDX-License-Identifier: Apache-2.0

/// What is known of an event's process.
package enum AnnotationAnswer: Equatable, Sendable {
  /// Nobody followed the kernel at that time.
  case outside
  /// The process was not known at that time.
  case unknown
  /// What it belonged to; nothing: it was the host's.
  case known([ContainerMention])
  /// There was no answer in time.
  case unanswered

  package init(_ answer: StayAnswer) {
    switch answer {
    case .unknown: self = .unknown
    case .known(let mentions): self = .known(mentions)
    }
  }
}

/// Asks what a process belonged to.
package struct AnnotationQuestion: Equatable, Sendable {
  /// The number of the event.
  package var event: UInt64
  package var pid: UInt32
  /// The event's stamp: CLOCK_REALTIME, nanoseconds.
  package var timeNs: Int64
  let row: Int

  init(event: UInt64, pid: UInt32, timeNs: Int64, row: Int) {
    self.event = event
    self.pid = pid
    self.timeNs = timeNs
    self.row = row
  }
}
