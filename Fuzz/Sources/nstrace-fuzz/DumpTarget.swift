// SPDX-License-Identifier: Apache-2.0

internal import Glibc
@testable internal import NSTrace

/// Reads any bytes as a dump, as `nstrace replay` does: once as they are, and once with all checksums
/// mended, so that the code behind the check is reached.
enum DumpTarget {
  static func run(_ input: [UInt8]) {
    replay(input)
    replay(mended(input))
  }

  /// An unlinked file in memory, which is emptied for each input.
  private static let file: Int32 = {
    var template = Array("/dev/shm/nstrace-fuzz.XXXXXX".utf8CString)
    let file = mkstemp(&template)
    require(file >= 0 && unlink(template) == 0, "a file for the dump can be made")
    return file
  }()

  private static func replay(_ bytes: [UInt8]) {
    require(ftruncate(file, 0) == 0, "the file is emptied")
    require(pwrite(file, bytes, bytes.count, 0) == bytes.count, "the file is written")
    guard let opened = try? FileDescriptor.reading("/proc/self/fd/\(file)") else {
      return require(false, "the file is opened")
    }
    var source = DumpSource(opened)
    var tracer = Tracer(Tracker(sink: CheckingSink(format: UInt8(bytes.count % 4))))
    var batch = RecordBatch()
    do {
      while try source.next(into: &batch) == .records {
        require(source.offset <= bytes.count, "no more is read than there is")
        do throws(WireError) { try tracer.process(batch) } catch { throw source.damage(error) }
      }
      require(source.offset == bytes.count, "all of it is read")
    } catch {
      require(error is DumpError && !"\(error)".isEmpty, "a DumpError with a message: \(error)")
    }
    let broken = tracer.tracker.state.checkInvariants()
    require(broken.isEmpty, "\(broken)")
  }

  /// `input` with every checksum mended that fits into it.
  private static func mended(_ input: [UInt8]) -> [UInt8] {
    guard input.count >= DumpFormat.headerBytes else { return input }
    var bytes = input
    var start = DumpFormat.headerBytes
    var end = start + length(at: 16, of: bytes, behind: start)
    put(
      checksum(bytes[start..<end], after: DumpFormat.checksum(ofHeader: bytes)), at: 20, &bytes)
    start = end
    while start + DumpFormat.blockHeaderBytes <= bytes.count {
      let body = start + DumpFormat.blockHeaderBytes
      end = body + length(at: start + 4, of: bytes, behind: body)
      put(checksum(bytes[body..<end], after: 0), at: start + 8, &bytes)
      start = end
    }
    return bytes
  }

  private static func length(at place: Int, of bytes: [UInt8], behind start: Int) -> Int {
    min(Int(bytes.native(at: place) as UInt32), bytes.count - start)
  }

  private static func checksum(_ body: ArraySlice<UInt8>, after: UInt32) -> UInt32 {
    DumpFormat.checksum(Array(body).span.bytes, after: after)
  }

  private static func put(_ value: UInt32, at place: Int, _ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: UInt32.self) }
  }
}
