// SPDX-License-Identifier: Apache-2.0

/// The lines that one raw record has caused, in each spelling.
struct Transcript {
  var audit: [UInt8] = []
  var json: [UInt8] = []

  subscript(spelling: Spelling) -> [UInt8] {
    switch spelling {
    case .audit: audit
    case .json: json
    }
  }
}
