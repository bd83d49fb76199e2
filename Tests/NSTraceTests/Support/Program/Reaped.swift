// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

@testable import nstrace

/// Children of the test program that are waited for until they end, however long that takes a busy machine.
///
/// nstrace waits a second for them, and then leaves them to its own end. Here that end is far: a child that nobody
/// waits for hides those of exit tests, which wait for any child and see the first.
enum Reaped {
  static func attendant(_ plan: AttendantPlan) throws -> Attendant {
    let attendant = try Attendant.start(plan)
    reap(attendant.pid)
    return attendant
  }

  static func sender(_ plan: AuditSenderPlan) throws -> AuditSender {
    let sender = try AuditSender.start(plan)
    reap(sender.pid)
    return sender
  }

  private static func reap(_ pid: pid_t) {
    Thread.detachNewThread { waitpid(pid, nil, 0) }
  }
}
