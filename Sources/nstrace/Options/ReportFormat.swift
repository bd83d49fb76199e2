// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The output formats of conformance, containers and tree.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, none
}
