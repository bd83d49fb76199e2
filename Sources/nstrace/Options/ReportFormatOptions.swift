// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How a report is written.
struct ReportFormatOptions: ParsableArguments {
  @Option(help: "How to write: with none only the exit status says anything.")
  var format = ReportFormat.table
}
