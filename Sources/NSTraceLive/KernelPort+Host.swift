// SPDX-License-Identifier: Apache-2.0

internal import CBPF
internal import CNSWire
internal import Glibc
internal import NSTrace

/// The facts for the HOST record.
extension KernelPort {
  func readHost() throws(SystemError) -> HostReading {
    var reading = HostReading()
    reading.release = try Self.firstLine(of: "/proc/sys/kernel/osrelease")
    reading.hostname = nodename
    reading.version = Array(version.utf8)
    unsafe nst_probe_initial_set(probe.raw, &reading.record.initial)
    reading.record.boot_id = Self.bootID(
      from: try Self.firstLine(of: "/proc/sys/kernel/random/boot_id"))
    reading.record.nsfs_dev = try Self.nsfsDevice()
    reading.record.arch = Self.auditArch
    reading.record.hooks = hooks
    reading.record.tick_us = Surroundings.tickUs
    return reading
  }

  /// The nodename of the host's UTS namespace. /proc/sys/kernel/hostname shows that of the
  /// tracer's.
  private var nodename: [UInt8] {
    var name = [CChar](repeating: 0, count: Int(NST_NODENAME_BYTES))
    unsafe nst_probe_initial_nodename(probe.raw, &name)
    return name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  private static func nsfsDevice() throws(SystemError) -> UInt64 {
    var status = stat()
    guard unsafe stat("/proc/self/ns/mnt", &status) == 0 else {
      throw .last("look at /proc/self/ns/mnt")
    }
    return UInt64(status.st_dev)
  }

  private static func firstLine(of path: String) throws(SystemError) -> [UInt8] {
    let text = try FileDescriptor.reading(path).read(Int(NST_TEXT_BYTES))
    return Array(text.prefix { $0 != UInt8(ascii: "\n") })
  }

  /// The 16 bytes of a UUID in text; zeros if the text is no UUID.
  private static func bootID(from text: [UInt8]) -> nst_uuid {
    let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    var id = nst_uuid()
    guard digits.count == 32 else { return id }
    unsafe withUnsafeMutableBytes(of: &id) { bytes in
      for index in 0..<16 {
        unsafe bytes[index] = UInt8(digits[2 * index] << 4 | digits[2 * index + 1])
      }
    }
    return id
  }

  private static var auditArch: UInt32 {
    #if arch(x86_64)
      0xc000_003e
    #elseif arch(arm64)
      0xc000_00b7
    #else
      0
    #endif
  }
}
