// SPDX-License-Identifier: Apache-2.0

@testable internal import NSTrace

// nstrace-bench tasks FILE COUNT [ALIVE]   writes a dump of COUNT forks, exits and execs
// nstrace-bench namespaces FILE COUNT      writes a dump of COUNT unshare calls
// nstrace-bench naive FILE                 runs the tests' naive model over such a dump
//
// FILE is - for standard output, so that a dump too large for the disk goes through a pipe.

let usage: StaticString = "usage: nstrace-bench tasks|namespaces FILE COUNT [ALIVE] | naive FILE"

func output(_ path: String) throws -> FileDescriptor {
  path == "-" ? .standardOutput : try .creating(path, overwriting: true)
}

/// Replays a dump into a model made of dictionaries, in place of the tracker.
func followNaively(_ path: String) throws {
  var source = DumpSource(try .reading(path))
  var (model, decoder, batch) = (NaiveTracker(), EventDecoder(), RecordBatch())
  while try source.next(into: &batch) == .records {
    try batch.withBytes { (records) throws(WireError) in
      try decoder.decode(records, into: &model)
    }
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "naive" where arguments.count == 2:
  try followNaively(arguments[1])
case "tasks" where arguments.count >= 3:
  let alive = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 20_000
  var dump = SyntheticDump(DumpSink(try output(arguments[1])), tasksAlive: max(alive, 100))
  try dump.begin()
  try dump.writeTasks(Int(arguments[2]) ?? 0)
  try dump.finish()
case "namespaces" where arguments.count == 3:
  var dump = SyntheticDump(DumpSink(try output(arguments[1])))
  try dump.begin()
  try dump.writeNamespaces(Int(arguments[2]) ?? 0)
  try dump.finish()
default:
  fatalError("\(usage)")
}
