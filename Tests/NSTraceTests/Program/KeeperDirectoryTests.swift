// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import nstrace

/// What `--keep` takes.
@Suite struct KeeperDirectoryTests {
  @Test(
    arguments: [
      ("/sys/fs/bpf/nstrace", "/sys/fs/bpf/nstrace"),
      ("/sys/fs/bpf/nstrace/", "/sys/fs/bpf/nstrace"),
      ("keep///", "keep"), ("keep", "keep"), ("/", "/"), ("///", "/"), ("", ""),
    ])
  func `slashes behind a directory are left out`(_ text: String, _ path: String) {
    #expect(KeeperDirectory.parse(text) == path)
  }
}
