// SPDX-License-Identifier: Apache-2.0

/// Ends the program if `holds` is false, so that libFuzzer keeps the input.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError(what()) }
}
