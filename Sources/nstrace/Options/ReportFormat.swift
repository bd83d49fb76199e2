// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How a report is written that consists of no records.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, none
}
