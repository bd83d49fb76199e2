// SPDX-License-Identifier: Apache-2.0

import CNSWire

@testable import NSTrace

extension History.Step {
  /// HOST of a stream that has the kernel's audit records.
  static let auditedHost = Self { run in
    var record = nst_host()
    record.initial = NamespacePlace.initial.wire
    record.hooks = UInt32(NST_HOOK_AUDIT)
    run.append(record)
  }

  /// A SYSCALL record, and the end of its event.
  /// - Parameter eventNs: the stamp by the stream's clock.
  static func called(by pid: UInt32, at eventNs: UInt64, slack: UInt32 = 0, serial: Int = 7) -> Self
  {
    Self { run in
      let text = "syscall=59 success=yes exit=0 ppid=1 pid=\(pid) auid=0 comm=\"x\""
      audit(1300, text, at: eventNs, slack: slack, serial: serial).put(&run)
      audit(1320, "", at: eventNs, slack: slack, serial: serial).put(&run)
    }
  }

  /// One record of the kernel's audit.
  static func audit(
    _ type: UInt16, _ text: String, at eventNs: UInt64 = 5, slack: UInt32 = 0, serial: Int = 7
  ) -> Self {
    auditPart(type, "audit(1.000:\(serial)): \(text)", at: eventNs, slack: slack)
  }

  /// A part of one, with its stamp if it is the first.
  static func auditPart(
    _ type: UInt16, _ text: String, at eventNs: UInt64 = 5, slack: UInt32 = 0, flags: Int32 = 0
  ) -> Self {
    Self { run in
      var record = nst_audit()
      record.hdr.flags = UInt16(flags)
      record.event_ns = eventNs
      record.slack_ns = slack
      record.type = type
      record.text_bytes = UInt16(text.utf8.count)
      run.append(record, tail: Array(text.utf8))
    }
  }

  /// No record of an open event came lately.
  static let auditSettled = auditPart(0, "", flags: Int32(NST_FLAG_AUDIT_SETTLED))

  static func auditLost(_ count: UInt32, _ place: Int32 = NST_AUDIT_LOST_SOCKET) -> Self {
    Self { run in
      var record = nst_audit_lost()
      (record.count, record.where) = (count, UInt32(place))
      run.append(record)
    }
  }
}

extension History {
  /// What is said of the process of each audit event: `4242: 5 inside 3=6`, `4242: host`, `4242: ?`.
  var joined: [String] {
    kernelEvents.map { event in
      let pid = event.pid.map { "\($0)" } ?? "nobody"
      if !event.isKnown { return "\(pid): ?" }
      let mentions = event.mentions.map { mention in
        mention.session.map { "inside \($0)=\(mention.containers)" } ?? "\(mention.containers)"
      }
      return "\(pid): \(mentions.isEmpty ? "host" : mentions.joined(separator: " "))"
    }
  }

  /// The records of each audit event: `7: 1300 text|1327 text`.
  var kernelTexts: [String] {
    kernelEvents.map { event in
      let records = event.records.map { record in
        "\(record.type) \(String(decoding: event.text[record.range], as: UTF8.self))"
      }
      return "\(event.serial): \(records.joined(separator: "|"))"
    }
  }
}
