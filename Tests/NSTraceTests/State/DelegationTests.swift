// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Testing

@testable import NSTrace

extension ContainerID {
  /// Of a UUID: RFC 9562, 4.2.
  fileprivate var version: UInt64 { high >> 12 & 0xf }
}

/// Whoever was given a directory of cgroups names what is in it, and takes nobody's ID by that.
@Suite struct DelegationTests {
  private static let a = "\(ContainerID(runtimeID: Array("a".utf8)))"

  private static func own(_ path: String) -> String {
    "\(ContainerID(delegated: Array(path.utf8)))"
  }

  /// Cgroup 2 is of container a.
  private func run(_ steps: History.Step...) -> History {
    let start: [History.Step] = [
      .host, .cgroup(2, "/lxc.payload.a"), .slip(1, to: 1), .snapshot(1, 9),
    ]
    return History(containers: .cgroup, start + steps)
  }

  @Test func `a name that root has not chosen gives an ID of its own`() {
    let path = "/user.slice/lxc.payload.a"
    let own = ContainerID(delegated: Array(path.utf8))
    let run = run(
      .cgroup(6, path, believed: 1), .fork(1, 2), .attach(2, 6), .fork(1, 3), .attach(3, 2))
    #expect(run.lines == ["set \(own) opid 2 <- -1", "set \(Self.a) opid 3 <- -1"])
    #expect(run.events.flatMap(\.containers).map { $0.name } == [[0x61], [0x61]])
    #expect("\(own)" != Self.a)
  }

  /// The container's own cgroup is named by root, also where its users own it.
  @Test func `what is named inside of a container is nested in it`() {
    let path = "/lxc.payload.a/lxc.payload.b"
    let inner = ContainerID(delegated: Array(path.utf8))
    let run = run(
      .cgroup(6, path, believed: 1), .cgroup(7, "/lxc.payload.a/lxc.payload.a", believed: 1),
      .fork(1, 2), .attach(2, 6), .unshare(2, [.net: 101]), .fork(1, 3), .attach(3, 7))
    #expect(
      run.lines == [
        "set \(inner) opid 2 <- -1",
        "create unshare net 2: 101 <- 6 contid=\(inner),^\(Self.a)",
        "set \(ContainerID(delegated: Array("/lxc.payload.a/lxc.payload.a".utf8))) opid 3 <- -1",
      ])
  }

  @Test func `owners of two directories cannot give one ID`() {
    let ids = ["/u.slice/lxc.payload.a", "/v.slice/lxc.payload.a", "/u.slice/lxc.payload.b"].map {
      CgroupContainers(path: Array($0.utf8), believed: 1).list.elements.map(\.id)
    }
    #expect(ids.allSatisfy { $0.count == 1 && $0[0].version == 8 } && Set(ids).count == 3)
  }

  /// Podman of user 1000, and podman in one of its containers: systemd gives a user its service.
  @Test func `a rootless runtime has its containers, each with an ID of its own`() {
    let service = "/user.slice/user-1000.slice/user@1000.service"
    let (first, second) = (Self.scope("1"), Self.scope("2"))
    let inner = "\(service)/user.slice/\(first)/container/\(second)"
    let run = run(
      .cgroup(6, "\(service)/user.slice/\(first)/container", believed: 3),
      .cgroup(7, "\(service)/user.slice/\(second)/container", believed: 3),
      .cgroup(8, "\(inner)/container", believed: 3),
      .cgroup(9, "/machine.slice/\(first)/container"), .fork(1, 2), .attach(2, 6), .fork(1, 3),
      .attach(3, 7), .fork(1, 4), .attach(4, 8), .fork(1, 5), .attach(5, 9))
    let outer = Self.own("\(service)/user.slice/\(first)")
    #expect(run.contid(2) == outer)
    #expect(run.contid(3) == Self.own("\(service)/user.slice/\(second)"))
    #expect(run.contid(4) == "\(Self.own(inner)),^\(outer)")
    #expect(run.contid(5) == "\(ContainerID(runtimeID: Self.hex("1")))")
    #expect(run.events.flatMap(\.containers).allSatisfy { $0.source == .cgroup })
  }

  private static func hex(_ digit: String) -> [UInt8] {
    Array(String(repeating: digit, count: 64).utf8)
  }

  private static func scope(_ digit: String) -> String {
    "libpod-\(String(repeating: digit, count: 64)).scope"
  }

  /// A UUID as a name is the ID itself, but only by root's word.
  @Test func `nobody can choose an ID`() {
    let uuid = "a5aac09e-2ad6-823f-84dc-3433c5ef9345"
    let path = Array("/u.slice/lxc.payload.\(uuid)".utf8)
    #expect(CgroupContainers(path: path).list.elements.map { "\($0.id)" } == [uuid])
    #expect(
      CgroupContainers(path: path, believed: 1).list.elements.map(\.id)
        == [ContainerID(delegated: path)])
  }

  @Test func `a record says that its ID comes from a cgroup`() throws {
    let path = "/user.slice/lxc.payload.a"
    let run = run(
      .cgroup(6, path, believed: 1), .fork(1, 2), .attach(2, 6), .fork(1, 3), .attach(3, 6),
      .attach(3, 1), .register(2, "5"))
    let records = run.events.flatMap(\.containers)
    #expect(records.map(\.verb) == [.set, .set, .set, .set, .drop])
    #expect(records.map(\.source) == [.cgroup, .cgroup, .cgroup, nil, nil])
    #expect(records[2].id == .unset)
  }

  /// Root has made /u/b and /u/b/lxc.payload.c, given /u away, and u's owner renames b.
  @Test func `a directory that others rename vouches for nothing in it`() {
    let run = run(
      .cgroup(6, "/u"), .cgroup(7, "/u/b"), .cgroup(8, "/u/b/x"), .fork(1, 2), .attach(2, 8),
      .cgroup(6, "/lxc.payload.a", believed: 0), .fork(1, 3), .attach(3, 8))
    #expect(run.contid(2) == "-1")
    #expect(run.contid(3) == Self.own("/lxc.payload.a"))
    #expect(run.cgroup(of: 3) == "/lxc.payload.a/b/x")
  }

  @Test func `a later owner of the directory has not named what was there`() {
    let name = "/u.slice/lxc.payload.a"
    let run = run(
      .cgroup(6, "/lxc.payload.a/lxc.payload.a"),
      .cgroup(6, "/lxc.payload.a/lxc.payload.a", believed: 1),
      .fork(1, 2), .attach(2, 6))
    #expect(run.contid(2) == Self.a)
    // Nor has root named what it takes back.
    let back = self.run(
      .cgroup(7, name, believed: 1), .cgroup(7, name), .fork(1, 2), .attach(2, 7))
    #expect(back.contid(2) == Self.own(name))
  }

  @Test func `a directory that has ended says nothing of what is there`() {
    let run = run(
      .cgroup(6, "/u.slice", believed: 0), .cgroup(7, "/u.slice/lxc.payload.a", believed: 1),
      .cgroup(8, "/u.slice/lxc.payload.b"), .fork(1, 2), .attach(2, 7), .fork(1, 3), .attach(3, 8),
      .removed(6), .fork(1, 4), .attach(4, 8), .fork(1, 5), .attach(5, 7))
    #expect(run.contid(2) == Self.own("/u.slice/lxc.payload.a"))
    #expect(run.contid(3) == Self.own("/u.slice/lxc.payload.b"))
    #expect(run.contid(4) == "\(ContainerID(runtimeID: Array("b".utf8)))")
    #expect(run.contid(5) == Self.own("/u.slice/lxc.payload.a"))
  }

  @Test func `a long path is believed no further`() {
    let step = String(repeating: "x", count: 255)
    let run = run(
      .cgroup(6, "/u"), .cgroup(7, step, in: 6), .cgroup(8, "lxc.payload.a", in: 2, believed: 1),
      .fork(1, 2), .attach(2, 8), .fork(1, 3), .attach(3, 7))
    #expect(run.contid(2) == "\(Self.own("/lxc.payload.a/lxc.payload.a")),^\(Self.a)")
    #expect(run.contid(3) == "-1")
  }
}
