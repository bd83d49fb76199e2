// SPDX-License-Identifier: Apache-2.0

/// The spellings of records that are judged: both are read back, for both say the same.
enum Spelling: CaseIterable {
  case audit, json
}
