// SPDX-License-Identifier: Apache-2.0

internal import Glibc

// `nstrace-fuzz TARGET [libFuzzer's arguments]`, or `nstrace-fuzz seeds DIRECTORY DUMP...`. libFuzzer has
// the main function, which calls these two.

nonisolated(unsafe) private var target: ([UInt8]) -> Void = { _ in }

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ argc: UnsafeMutablePointer<Int32>,
  _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
  let arguments = CommandLine.arguments
  switch arguments.dropFirst().first {
  case "wire": target = WireTarget.run
  case "dump": target = DumpTarget.run
  case "cost": target = CostTarget.run
  case "control": target = ControlTarget.run
  case "oci": target = OCITarget.run
  case "seeds" where arguments.count > 2:
    do {
      try Seeds.write(to: arguments[2], from: Array(arguments[3...]))
      exit(0)
    } catch {
      print("nstrace-fuzz: \(error)")
      exit(1)
    }
  default:
    print("usage: nstrace-fuzz wire|dump|cost|control|oci [libFuzzer's arguments]")
    exit(64)
  }
  // Remove the target's name, which libFuzzer would take for a corpus.
  argv.pointee[1] = argv.pointee[0]
  argv.pointee += 1
  argc.pointee -= 1
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
