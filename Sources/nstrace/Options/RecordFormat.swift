// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The output formats of records.
enum RecordFormat: String, ExpressibleByArgument, CaseIterable {
  case audit, json, table, none
}
