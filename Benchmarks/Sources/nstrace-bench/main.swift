// SPDX-License-Identifier: Apache-2.0

internal import NSTrace

// nstrace-bench tasks FILE COUNT       a dump of forks and exits, 2,000 sets, 20,000 tasks alive
// nstrace-bench namespaces FILE COUNT  a dump of nothing but unshare calls

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[3]) else {
  fatalError("usage: nstrace-bench tasks|namespaces FILE COUNT")
}
var dump = SyntheticDump(DumpSink(try .creating(arguments[2])))
try dump.begin()
switch arguments[1] {
case "tasks": try dump.writeTasks(count)
case "namespaces": try dump.writeNamespaces(count)
default: fatalError("tasks or namespaces, not \(arguments[1])")
}
try dump.finish()
