// SPDX-License-Identifier: Apache-2.0

/// What was written because of one raw record, in each spelling: whole lines.
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
