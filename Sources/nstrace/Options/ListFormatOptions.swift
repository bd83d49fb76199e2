// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How the list of what exists is written.
struct ListFormatOptions: ParsableArguments {
  @Option(help: "How to write.")
  var format = RecordFormat.table
}
