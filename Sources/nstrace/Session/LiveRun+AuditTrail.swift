// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace
internal import NSTraceLive

/// The messages to the kernel's audit trail.
extension LiveRun {
  /// The process whose audit events are nstrace's own: what comes of its messages must not become records
  /// and messages again. Nil: there is none.
  var auditSenderPID: pid_t? { sender?.pid }

  /// Whether a message waits, or was handed over and not reported on.
  var owesMessages: Bool {
    guard let sender, sender.descriptor >= 0 else { return false }
    return sender.isBusy || pipeline.sink.hasWaitingMessages
  }

  /// The number of messages that the trail lacks.
  var missingMessages: UInt64 {
    pipeline.sink.missingMessages + (sender.map { $0.refused + $0.unconfirmed } ?? 0)
  }

  /// What poll(2) watches of the sender: its reports, and room for what waits.
  var polledSender: pollfd {
    let waits = pipeline.sink.hasWaitingMessages
    return pollfd(
      fd: sender?.descriptor ?? -1, events: Int16(waits ? POLLIN | POLLOUT : POLLIN), revents: 0)
  }

  /// Takes the sender's reports. Says once what it has refused, whether it keeps up, and that it has ended.
  mutating func noticeSender() {
    guard let sender else { return }
    if sender.hear() {
      pipeline.sink.messages?.close(SystemError("send audit messages", errno: EPIPE))
      pipeline.source.takeIn(auditOf: UInt32(sender.pid))
      Diagnostics.warn("the sender of audit messages has ended: no more of them are sent")
    }
    if let refusal = sender.takeRefusal() {
      Diagnostics.warn("\(refusal): such messages are counted, and missing in the audit trail")
    }
    guard sender.descriptor >= 0, let state = pipeline.sink.messagesState else { return }
    messagesWatch.look(at: "the kernel's audit", state)
  }

  /// Has the sender send the rest.
  mutating func finishSender() { sender?.finish() }

  /// `, 12 audit messages sent (3 left out) (2 not confirmed)`; empty without --to-audit.
  func sentMessages() -> String {
    guard let sender, let messages = pipeline.sink.messagesState else { return "" }
    let unconfirmed = sender.unconfirmed
    let missing = missingMessages - unconfirmed
    let sent = messages.records - min(messages.records, sender.refused + unconfirmed)
    return ", \(sent) audit messages sent" + (missing > 0 ? " (\(missing) left out)" : "")
      + (unconfirmed > 0 ? " (\(unconfirmed) not confirmed)" : "")
  }
}
