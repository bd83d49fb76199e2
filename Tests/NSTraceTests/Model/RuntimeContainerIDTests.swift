// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NSTrace

@Suite struct RuntimeContainerIDTests {
  /// RFC 9562, A.4.
  @Test func `a UUID of version 5`() throws {
    let dns = try #require(ContainerID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
    let id = ContainerID(version5: Array("www.example.com".utf8), in: dns)
    #expect("\(id)" == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
  }

  @Test func `the namespace is the one that the manual names`() {
    #expect("\(ContainerID.runtimeNamespace)" == "a1bec856-9724-4e59-a252-f07c6abe21e2")
  }

  /// By Python's uuid.uuid5.
  @Test(arguments: [
    ("web", "ba08e5a7-4a45-5a56-931f-69680c3d25d8"),
    (
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "cbad8b82-7256-5326-995a-493ac87c51cc"
    ),
    // No number, and no UUID.
    ("42", "13c07cd7-5246-5e56-9fed-15ff76722262"),
    ("6d1ae6a42a5e4d5e9a430f6a1f0f7a11", "b574c7a4-3587-5d22-952f-3a9732f525d1"),
    ("000000000000000000000000000000000042", "eecf8f7b-c4cd-5c24-9ab5-059c961b111a"),
    ("", "c8650f61-1950-5587-8149-552c851df932"),
    // What would mean unset.
    ("ffffffff-ffff-ffff-ffff-ffffffffffff", "e49cf47e-f6aa-53a0-8eec-b3c655a5f954"),
    ("00000000-0000-0000-ffff-ffffffffffff", "7b99378a-6d5f-5655-93d7-7398b7d8cab3"),
  ])
  func `a runtime's ID becomes a UUID of version 5`(_ text: String, _ id: String) {
    #expect("\(ContainerID(runtimeID: Array(text.utf8)))" == id)
  }

  @Test(arguments: [
    "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11", "6D1AE6A4-2A5E-4D5E-9A43-0F6A1F0F7A11",
  ])
  func `a UUID is itself`(_ text: String) {
    let id = ContainerID(runtimeID: Array(text.utf8))
    #expect("\(id)" == "6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11")
  }

  @Test func `bytes that are no text have an ID of their own`() {
    let ids = [[0xff], [0xfe], [0xef, 0xbf, 0xbd], [0xff, 0]].map { ContainerID(runtimeID: $0) }
    #expect(Set(ids).count == 4)
    #expect(ids.allSatisfy { !$0.isUnset })
  }
}
