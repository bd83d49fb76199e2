// SPDX-License-Identifier: Apache-2.0

/// Ends the program, so that libFuzzer keeps the input, unless something holds.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError(what()) }
}
