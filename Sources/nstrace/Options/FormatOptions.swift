// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Glibc

/// How records are written to standard output.
struct FormatOptions: ParsableArguments {
  @Option(help: "Output format (default: table on a terminal, else audit).")
  var format: RecordFormat?

  var chosen: RecordFormat {
    format ?? (isatty(STDOUT_FILENO) == 1 ? .table : .audit)
  }
}
