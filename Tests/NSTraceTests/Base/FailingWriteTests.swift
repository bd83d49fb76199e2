// SPDX-License-Identifier: Apache-2.0

import Foundation
import NSTrace
import Testing

@Suite struct FailingWriteTests {
  @Test func `a full device is reported`() throws {
    var sink = DumpSink(try .creating("/dev/full"))
    let error = #expect(throws: SystemError.self) {
      try sink.write(RecordBatch(DumpFile.batches[0]))
    }
    #expect(error == SystemError("write to /dev/full", errno: ENOSPC))
    #expect(error?.isNoSpace == true)
    #expect(sink.written == 0)
  }

  /// In a process of its own: the limit, and what its signal does, are a process's. Each length at
  /// which a file can stop growing is tried; the kernel writes up to it and then refuses.
  @Test func `a dump that may not grow further ends with its last whole block`() async {
    await #expect(processExitsWith: .exitCode(42)) {
      let scratch = try ScratchDirectory()
      let path = scratch.file("x")
      let whole = try DumpFile.write(DumpFile.batches, to: path)
      signal(SIGXFSZ, SIG_IGN)
      for limit in 0..<whole.count {
        try #require(limitFiles(to: limit))
        try writeUntilRefused(to: path)
        let end = DumpFile.ends.last { $0 <= limit } ?? 0
        #expect(try DumpFile.bytes(of: path) == Array(whole[..<end]), "limit \(limit)")
      }
      try #require(limitFiles(to: whole.count))
      #expect(try DumpFile.write(DumpFile.batches, to: path) == whole)
      _exit(42)
    }
  }
}

private func limitFiles(to bytes: Int) -> Bool {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { return false }
  limit.rlim_cur = rlim_t(bytes)
  return setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0
}

private func writeUntilRefused(to path: String) throws {
  let error = #expect(throws: SystemError.self) {
    var sink = try DumpSink(path: path, overwriting: true)
    for batch in DumpFile.batches { try sink.write(RecordBatch(batch)) }
    try sink.finish()
  }
  #expect(error == SystemError("write to \(path)", errno: EFBIG))
}
