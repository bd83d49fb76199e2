// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Whether the kernel's own audit is a part of the stream.
struct AuditEventOptions: ParsableArguments {
  @Flag(help: "Add the kernel's audit events, with the containers of their processes.")
  var auditEvents = false

  @Flag(help: "Answer nstrace audisp: remember what ended processes belonged to.")
  var auditJoins = false

  func apply(to options: inout TrackerOptions) { options.joinsAudit = auditJoins || auditEvents }
}
