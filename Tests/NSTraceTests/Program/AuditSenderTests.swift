// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import NSTrace
import Testing

@testable import nstrace

/// The process that writes into the kernel's audit trail. A socket stands for the kernel's.
@Suite struct AuditSenderTests {
  /// The kernel's side: takes messages, and answers each.
  private struct Kernel: ~Copyable {
    let descriptor: Int32
    private let other: Int32

    init() throws {
      var ends: [Int32] = [-1, -1]
      let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
      (descriptor, other) = (ends[0], ends[1])
    }

    deinit {
      close(descriptor)
      close(other)
    }

    func start(_ plan: AuditSenderPlan = AuditSenderPlan()) throws -> AuditSender {
      var plan = plan
      plan.trail = other
      return try Reaped.sender(plan)
    }

    /// Waits for a message, and answers with an errno.
    /// - Returns: its type and its text, with the byte that ends it.
    func answer(_ error: Int32 = 0) throws -> (type: UInt16, text: [UInt8]) {
      var bytes = [UInt8](repeating: 0, count: 1 << 14)
      var fd = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&fd, 1, 10_000) == 1)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      try #require(count >= 16)
      let (size, type, serial) = bytes.withUnsafeBytes {
        (
          $0.loadUnaligned(fromByteOffset: 0, as: UInt32.self),
          $0.loadUnaligned(fromByteOffset: 4, as: UInt16.self),
          $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        )
      }
      #expect(Int(size) == count)
      // NLMSG_ERROR: header, errno, the header that is answered.
      let answer: [UInt32] = [36, 2, serial, 0, UInt32(bitPattern: -error), 0, 0, 0, 0]
      #expect(send(descriptor, answer, 36, 0) == 36)
      return (type, Array(bytes[16..<count]))
    }

    var isSilent: Bool {
      var fd = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&fd, 1, 0) == 0
    }
  }

  private static let text = "op=CONTAINER_OP run=\"1.5\" nsserial=\"1\" line=\"1\" res=success"

  private static func put(_ text: [UInt8], to sender: AuditSender) throws -> Bool {
    try text.withUnsafeBytes { try sender.put($0) }
  }

  private static func wait(_ sender: AuditSender, until isDone: (AuditSender) -> Bool) throws {
    let end = Patience.end
    while !isDone(sender) {
      try #require(ContinuousClock.now < end)
      var fd = pollfd(fd: sender.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&fd, 1, 100)
      sender.hear()
    }
  }

  @Test func `a text is sent as it is, with the one type and an end`() throws {
    let kernel = try Kernel()
    var plan = AuditSenderPlan()
    plan.type = 2777
    let sender = try kernel.start(plan)
    #expect(try Self.put(Array(Self.text.utf8), to: sender))
    #expect(sender.isBusy)
    let message = try kernel.answer()
    #expect(message.type == 2777)
    #expect(message.text == Array(Self.text.utf8) + [0])
    try Self.wait(sender) { !$0.isBusy }
    #expect(sender.refused == 0)
    #expect(sender.takeRefusal() == nil)
  }

  @Test func `the longest text is sent whole`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    let text = Array("op=NS_LOST ".utf8) + Array(repeating: 0x78, count: 8560 - 11)
    #expect(try Self.put(text, to: sender))
    #expect(try kernel.answer().text == text + [0])
  }

  /// What somebody could send who has taken over the tracer.
  private static let forbidden: [[UInt8]] = [
    Array("x".utf8), Array("op=".utf8), Array("op=CONTAINER_OP".utf8),
    Array("op=CONTAINER_OPS x".utf8), Array("op=CONTAINER x".utf8),
    Array("op=LOGIN x".utf8), Array("op= x".utf8),
    Array("OP=CONTAINER_OP x".utf8), Array(" op=CONTAINER_OP x".utf8),
    Array("op=NS_CREATE nobody has asked for these".utf8),
    Array("op=CONTAINER_OP ' res=success".utf8), Array("op=CONTAINER_OP \n".utf8),
    Array("op=CONTAINER_OP \0".utf8), Array("op=CONTAINER_OP \u{7f}".utf8),
    Array("op=CONTAINER_OP \u{1d}UID=\"root\"".utf8), Array("op=CONTAINER_OP ".utf8) + [0xff],
    Array("op=NS_LOST ".utf8) + Array(repeating: 0x78, count: 8560 - 10),
    Array("op=NS_LOST ".utf8) + Array(repeating: 0x78, count: 1 << 16),
  ]

  @Test func `what is not of the form is refused, and said once`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    for (index, text) in Self.forbidden.enumerated() {
      #expect(!AuditSenderPlan().takes(text))
      #expect(try Self.put(text, to: sender))
      try Self.wait(sender) { $0.refused == UInt64(index + 1) }
    }
    #expect(sender.takeRefusal() == .notUnderstood)
    #expect(sender.takeRefusal() == nil)
    let isSilent = kernel.isSilent
    #expect(isSilent)
    #expect(try Self.put(Array(Self.text.utf8), to: sender))
    #expect(try kernel.answer().text.count == Self.text.utf8.count + 1)
  }

  @Test func `every byte but printable ASCII and the single quote is refused`() {
    let plan = AuditSenderPlan()
    for byte in UInt8.min ... .max {
      let isPlain = (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "'")
      #expect(plan.takes(Array("op=NS_LOST a".utf8) + [byte, 0x62]) == isPlain)
    }
  }

  @Test func `every message that nstrace makes is of the form`() {
    var plan = AuditSenderPlan()
    plan.names += AuditMessageFormat.others.map(\.name)
    for event in SampleEvents.all {
      for text in AuditMessageFormatTests.texts(of: event, AuditMessageFormat.others) {
        #expect(plan.takes(Array(text.utf8)), "\(text)")
      }
    }
  }

  @Test func `what the kernel refuses is counted, and said once`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    for error in [EPERM, ECONNREFUSED, 0] {
      #expect(try Self.put(Array(Self.text.utf8), to: sender))
      _ = try kernel.answer(error)
    }
    try Self.wait(sender) { !$0.isBusy }
    #expect(sender.refused == 2)
    #expect(sender.takeRefusal() == .refused(errno: EPERM))
    #expect(sender.takeRefusal() == nil)
  }

  @Test func `a tracer that keeps no rate has to wait`() throws {
    let kernel = try Kernel()
    var plan = AuditSenderPlan()
    (plan.rate, plan.burst) = (20, 2)
    let sender = try kernel.start(plan)
    let start = ContinuousClock.now
    for _ in 0..<8 { #expect(try Self.put(Array(Self.text.utf8), to: sender)) }
    for _ in 0..<8 { _ = try kernel.answer() }
    // Two at once, and each of the others 50 ms behind the one before.
    #expect(ContinuousClock.now - start >= .milliseconds(300))
  }

  @Test func `while the kernel takes nothing, the tracer waits for nothing`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    var taken: UInt64 = 0
    while try Self.put(Array(Self.text.utf8), to: sender) { taken += 1 }
    #expect(taken > 50 && taken < 10_000)
    #expect(sender.isBusy && sender.refused == 0)
  }

  @Test func `at the end it sends what it was handed`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    for _ in 0..<3 { #expect(try Self.put(Array(Self.text.utf8), to: sender)) }
    for _ in 0..<3 { _ = try kernel.answer() }
    sender.finish()
    #expect(sender.descriptor == -1 && !sender.isBusy && sender.refused == 0)
    #expect(kill(sender.pid, 0) == -1)
  }

  @Test func `one that has ended is noticed once, and what it had is missing`() throws {
    let kernel = try Kernel()
    let sender = try kernel.start()
    #expect(try Self.put(Array(Self.text.utf8), to: sender))
    kill(sender.pid, SIGKILL)
    var hasEnded = false
    try Self.wait(sender) { _ in
      if sender.descriptor < 0 { hasEnded = true }
      return hasEnded
    }
    #expect(!sender.hear() && !sender.isBusy)
    #expect(sender.refused == 0 && sender.unconfirmed == 1)
    #expect(throws: SystemError.self) { try Self.put(Array(Self.text.utf8), to: sender) }
  }
}
