// SPDX-License-Identifier: Apache-2.0

extension Unicode.Scalar {
  /// The columns that it takes on a terminal; nil: it must not be shown, because it is not
  /// printable or not harmless.
  var terminalColumns: Int? {
    guard isShown, !isWrittenFromTheRight else { return nil }
    return isWide ? 2 : 1
  }

  private var isShown: Bool {
    // Fillers are letters by category, but invisible.
    if properties.isDefaultIgnorableCodePoint || self == "\u{2800}" { return false }
    // Regional indicators and skin tones join their neighbours, differently on each terminal.
    if ("\u{1f1e6}"..."\u{1f1ff}").contains(self) || properties.isEmojiModifier { return false }
    // Jamo that are drawn into the syllable before.
    if ("\u{1160}"..."\u{11ff}").contains(self) || ("\u{d7b0}"..."\u{d7ff}").contains(self) {
      return false
    }
    return switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation,
      .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation,
      .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol:
      true
    case .nonspacingMark, .spacingMark, .enclosingMark, .spaceSeparator, .lineSeparator,
      .paragraphSeparator, .control, .format, .surrogate, .privateUse, .unassigned:
      false
    @unknown default: false
    }
  }

  /// Whether it belongs to Hebrew, Arabic or another script (Bidi_Class R, AL and AN) that reverses
  /// the line.
  private var isWrittenFromTheRight: Bool {
    switch value {
    case 0x590...0x8ff, 0xfb1d...0xfdff, 0xfe70...0xfeff, 0x10800...0x10fff, 0x1e800...0x1efff: true
    default: false
    }
  }

  /// Whether its East_Asian_Width is W or F (Unicode Standard Annex 11).
  private var isWide: Bool {
    if properties.isEmojiPresentation { return true }
    return switch value {
    case 0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf,
      0x4e00...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19,
      0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18d08, 0x1aff0...0x1b2fb,
      0x1f200...0x1f265, 0x20000...0x2fffd, 0x30000...0x3fffd:
      true
    default: false
    }
  }
}
