// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The format of the list of namespaces.
struct ListFormatOptions: ParsableArguments {
  @Option(help: "Output format.")
  var format = RecordFormat.table
}
