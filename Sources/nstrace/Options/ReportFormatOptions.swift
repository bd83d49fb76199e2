// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The output format of conformance, containers and tree.
struct ReportFormatOptions: ParsableArguments {
  @Option(help: "Output format; with none only the exit status counts.")
  var format = ReportFormat.table
}
