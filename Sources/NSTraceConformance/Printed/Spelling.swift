// SPDX-License-Identifier: Apache-2.0

/// The spellings of records that are judged. Both are read back, because both hold the same facts.
enum Spelling: CaseIterable {
  case audit, json
}
