// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The output format of conformance, containers, tree and sessions.
struct ReportFormatOptions: ParsableArguments {
  @Option(help: "Output format; with none only the exit status counts.")
  var format = ReportFormat.table
}
