// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The options of every command that follows the kernel.
struct LiveOptions: ParsableArguments {
  @OptionGroup(title: "Expert") var capture: CaptureOptions
  @OptionGroup(title: "Expert") var control: ControlOptions
  @OptionGroup(title: "Expert") var keeping: KeeperOptions
  @OptionGroup(title: "Expert") var privileges: PrivilegeOptions

  /// Whether any of them was given.
  var isGiven: Bool {
    capture.isGiven || control.control != nil || keeping.isGiven || privileges.isGiven
  }
}
