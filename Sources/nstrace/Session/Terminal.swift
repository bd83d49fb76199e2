// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import NSTrace

/// The abilities of the terminal on standard output.
enum Terminal {
  static func style(_ color: ColorOptions.Color) -> TerminalStyle {
    TerminalStyle(isColored: isColored(color), isUnicode: isUnicode, columns: columns)
  }

  private static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether the terminal takes escape sequences, such as those for colours.
  static var takesCommands: Bool { !["", "dumb"].contains(variable("TERM") ?? "") }

  private static func isColored(_ color: ColorOptions.Color) -> Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: isTerminal && takesCommands && getenv("NO_COLOR") == nil
    }
  }

  /// Whether the locale is UTF-8, by the variables that setlocale(3) reads.
  private static var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty }
    let letters = (locale ?? "").lowercased().filter { $0 != "-" }
    return letters.contains("utf8")
  }

  /// $COLUMNS, or the terminal's width; nil: no terminal, so lines may have any length.
  static var columns: Int? {
    if let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
    var size = winsize()
    // TIOCGWINSZ fails if standard output is no terminal.
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
