// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NSTrace

/// Where container IDs come from.
struct ContainerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "IDs from registrations alone, or from cgroups too.",
      valueName: "source"))
  var containers = Choice(ContainerSource.registered)

  @Option(
    help: ArgumentHelp(
      "With --containers cgroup: one more path of containers, such as '/web/{name}'.",
      valueName: "pattern"),
    transform: ContainerOptions.pattern)
  var cgroupPattern: [CgroupPattern] = []

  private static func pattern(_ text: String) throws -> CgroupPattern {
    do throws(CgroupPatternError) {
      return try CgroupPattern(text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// - Throws: `ValidationError` for patterns that nothing would read.
  func validate() throws {
    guard cgroupPattern.isEmpty || containers.value == .cgroup else {
      throw ValidationError("--cgroup-pattern needs --containers cgroup")
    }
  }

  func apply(to options: inout TrackerOptions) {
    options.containers = containers.value
    options.cgroupPatterns = cgroupPattern
  }
}
