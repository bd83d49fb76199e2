// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Whether tables are coloured.
struct ColorOptions: ParsableArguments {
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(help: "Colours in tables.")
  var color = Color.auto

  var terminal: TerminalStyle { Terminal.style(color) }
}
