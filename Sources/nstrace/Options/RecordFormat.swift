// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How records are written.
enum RecordFormat: String, ExpressibleByArgument, CaseIterable {
  case audit, json, table, none
}
