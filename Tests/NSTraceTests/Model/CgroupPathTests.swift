// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import NSTrace
@testable import NSTraceConformance

/// How each runtime spells its cgroups.
@Suite struct CgroupPathTests {
  struct Spelling: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let path: String
    let containers: [String]

    init(_ what: String, _ path: String, _ containers: String...) {
      testDescription = what
      self.path = path
      self.containers = containers
    }
  }

  private static let a = "1c664ac221ed34e70782482df74132171c664ac221ed34e70782482df7413217"
  private static let b = "0000000000000000000000000000000000000000000000000000000000000bbb"
  private static let pod = "pod8c6c7a4e_0df5_4b1b_8d5e_2a8e1f3b9c7d"
  private static let kind =
    "/system.slice/docker-\(a).scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-\(pod)"
  private static let user = "/user.slice/user-1000.slice/user@1000.service"

  private static let containers: [Spelling] = [
    Spelling("docker, cgroupfs", "/docker/\(a)", a),
    Spelling("docker, systemd", "/system.slice/docker-\(a).scope", a),
    Spelling("docker, rootless", "\(user)/user.slice/docker-\(a).scope", a),
    Spelling("docker, a parent of one's own", "/build.slice/\(a)", a),
    Spelling("docker, a slice of one's own", "/a.slice/a-b.slice/docker-\(a).scope", a),
    Spelling("docker, rootless, cgroupfs", "\(user)/docker/\(a)", a),
    Spelling("docker in docker", "/docker/\(a)/docker/\(b)", a, b),
    Spelling("kind", "/docker/\(a)/kubelet/kubepods/burstable/\(pod)/\(b)", a, b),
    Spelling("containerd, cgroupfs", "/k8s.io/\(a)", a),
    Spelling("containerd, a name", "/default/redis_1.a", "redis_1.a"),
    Spelling(
      "containerd, systemd",
      "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-\(pod).slice/cri-containerd-\(a).scope",
      a),
    Spelling(
      "containerd, drivers that do not agree",
      "/system.slice/containerd.service/kubepods-besteffort-\(pod).slice:cri-containerd:\(a)", a),
    Spelling("nerdctl", "/system.slice/nerdctl-\(a).scope", a),
    Spelling(
      "CRI-O, systemd",
      "/kubepods.slice/kubepods-\(pod).slice/crio-\(a).scope/container", a),
    Spelling("CRI-O, cgroupfs", "/kubepods/besteffort/\(pod)/crio-\(a)", a),
    Spelling("kubepods, cgroupfs", "/kubepods/burstable/\(pod)/\(a)", a),
    Spelling("kubepods, guaranteed", "/kubepods/\(pod)/\(a)", a),
    Spelling("kubepods of docker", "/kubepods.slice/kubepods-\(pod).slice/docker-\(a).scope", a),
    Spelling("podman, systemd", "/machine.slice/libpod-\(a).scope/container", a),
    Spelling("podman, cgroupfs", "/libpod_parent/libpod-\(a)", a),
    Spelling("podman, rootless", "\(user)/user.slice/libpod-\(a).scope/container", a),
    Spelling("podman, split", "/system.slice/web.service/libpod-payload-\(a)", a),
    Spelling(
      "podman in a pod", "/machine.slice/machine-libpod_pod_\(b).slice/libpod-\(a).scope", a),
    Spelling("podman in a pod, cgroupfs", "/libpod_parent/\(b)/libpod-\(a)", a),
    Spelling("podman in a pod, a parent of one's own", "/web/\(b)/libpod-\(a)", a),
    Spelling("podman, a parent of one's own", "/web/libpod-\(a)", a),
    Spelling("podman, rootless, cgroupfs", "\(user)/libpod_parent/libpod-\(a)", a),
    Spelling(
      "docker in podman",
      "/machine.slice/libpod-\(a).scope/container/system.slice/docker-\(b).scope",
      a, b),
    Spelling("podman in docker", "/docker/\(a)/libpod_parent/libpod-\(b)", a, b),
    Spelling("LXC 4", "/lxc.payload.web", "web"),
    Spelling("LXC 3", "/lxc.payload/web/init.scope", "web"),
    Spelling("LXC 2", "/lxc/web-1", "web-1"),
    Spelling("Proxmox", "/lxc/101/ns/system.slice/cron.service", "101"),
    Spelling("LXC in LXC", "/lxc.payload.a/lxc.payload.b", "a", "b"),
    Spelling("docker in LXC", "/lxc/101/ns/docker/\(a)", "101", a),
    Spelling("nspawn", "/machine.slice/machine-debian.scope/payload/init.scope", "debian"),
    Spelling("nspawn, escaped", #"/machine.slice/machine-my\x2dweb\x5f1.scope"#, "my-web_1"),
    Spelling(
      "nspawn, a service", #"/machine.slice/systemd-nspawn@my\x2dweb.service/payload"#, "my-web"),
    Spelling("an escape cut short", #"/machine.slice/machine-a\x2.scope"#, #"a\x2"#),
    Spelling("garden", "/garden/70fd0b4b-5b8f-4d3a-7a3e-bca5", "70fd0b4b-5b8f-4d3a-7a3e-bca5"),
    Spelling("garden, throttled", "/system.slice/garden.service/garden/bad/70fd0b4b", "70fd0b4b"),
    Spelling("ECS", "/ecs/9a3e/\(a)", a),
    Spelling("kind, systemd", "\(kind).slice/cri-containerd-\(b).scope", a, b),
    Spelling("told twice", "/docker/\(a)/system.slice/docker-\(a).scope", a),
  ]

  private static let others: [Spelling] = [
    Spelling("the root", "/"),
    Spelling("nothing", ""),
    Spelling("a service", "/system.slice/cron.service"),
    Spelling("a session", "/user.slice/user-1000.slice/session-3.scope"),
    Spelling("podman's conmon", "/machine.slice/libpod-conmon-\(a).scope"),
    Spelling("podman's conmon, cgroupfs", "/libpod_parent/libpod-conmon-\(a)"),
    Spelling("CRI-O's conmon", "/kubepods.slice/kubepods-\(pod).slice/crio-conmon-\(a).scope"),
    Spelling("podman's pod", "/machine.slice/machine-libpod_pod_\(a).slice"),
    Spelling("podman's pod, cgroupfs", "/libpod_parent/\(a)"),
    Spelling(
      "conmon in podman's pod",
      "/machine.slice/machine-libpod_pod_\(b).slice/libpod-conmon-\(a).scope"),
    Spelling("conmon of podman 4, cgroupfs", "/libpod_parent/conmon"),
    Spelling("conmon in podman's pod, cgroupfs", "/libpod_parent/\(b)/conmon"),
    Spelling("conmon in podman's pod, a parent of one's own", "/web/\(b)/conmon"),
    Spelling("conmon by ID, cgroupfs", "/web/\(b)/libpod-conmon-\(a)"),
    Spelling("a directory that is called like a containerd namespace", "/home/default/builds"),
    Spelling("the same in a slice", "/user.slice/default/builds"),
    Spelling("64 digits further down", "/ci/jobs/\(a)"),
    Spelling("a runtime's place further down", "/ci/docker/\(a)"),
    Spelling("a scope further down", "/ci/jobs/docker-\(a).scope"),
    Spelling("LXC's place further down", "/ci/lxc/web"),
    Spelling("a machine outside of its slice", "/system.slice/machine-web.scope"),
    Spelling("containerd, a namespace of one's own", "/web/redis"),
    Spelling("runc's default", "/web"),
    Spelling("a build of podman", "/buildah-buildah1234"),
    Spelling("a pod", "/kubepods/burstable/\(pod)"),
    Spelling("LXC's monitor", "/lxc.monitor.web"),
    Spelling("LXC's monitor, 3", "/lxc.monitor/web"),
    Spelling("LXC's place", "/lxc"),
    Spelling("nspawn itself", "/machine.slice/machine-debian.scope/supervisor"),
    Spelling("a virtual machine", #"/machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt"#),
    Spelling("garden's place", "/garden/good"),
    Spelling("63 digits", "/docker/\(a.dropFirst())"),
    Spelling("65 digits", "/docker/0\(a)"),
    Spelling("no digits", "/docker/\(a.dropLast())g"),
    Spelling("upper case", "/docker/\(a.uppercased())"),
    Spelling("no prefix", "/system.slice/-\(a).scope"),
    Spelling("no name", "/machine.slice/machine-.scope"),
    Spelling("no payload", "/lxc.payload."),
  ]

  @Test(arguments: containers)
  func `a runtime's container is found`(_ spelling: Spelling) { expect(spelling) }

  @Test(arguments: others)
  func `what is none is not`(_ spelling: Spelling) { expect(spelling) }

  private func expect(_ spelling: Spelling, _ patterns: [CgroupPattern] = []) {
    let found = CgroupPath.containers(in: Array(spelling.path.utf8), patterns: patterns)
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == spelling.containers)
  }

  /// Each behind the pattern that somebody gave.
  private static let given: [(pattern: String, spelling: Spelling)] = [
    ("/web/{name}", Spelling("containerd", "/web/redis", "redis")),
    ("/web/{name}", Spelling("what is further down", "/web/redis/child", "redis")),
    ("/web/{name}", Spelling("elsewhere", "/x/web/redis")),
    ("/web/{name}", Spelling("in a container", "/docker/\(a)/web/redis", a, "redis")),
    ("/web/{name}", Spelling("around a container", "/web/redis/docker/\(a)", "redis", a)),
    ("/web/{name}", Spelling("a unit is none", "/web/init.scope")),
    ("/{name}", Spelling("runc", "/web", "web")),
    ("/{name}", Spelling("systemd's own", "/system.slice/cron.service")),
    ("/{name}", Spelling("a runtime's own place", "/docker")),
    ("/{name}", Spelling("a container of another runtime", "/docker/\(a)", a)),
    ("/ci/job-*/{name}", Spelling("a star", "/ci/job-17/web", "web")),
    ("/ci/job-*/{name}", Spelling("another", "/ci/task-17/web")),
    ("/ci/*b*a*/run-{id}", Spelling("stars", "/ci/abcaa/run-\(a)", a)),
    ("/ci/*b*a*/run-{id}", Spelling("too few", "/ci/acab/run-\(a)")),
    ("/**/job-{name}.scope", Spelling("units", "/ci.slice/ci-x.slice/job-7.scope", "7")),
    ("/**/job-{name}.scope", Spelling("no units", "/job-7.scope", "7")),
    ("/**/job-{name}.scope", Spelling("other places", "/ci/job-7.scope")),
    ("/**/job-{name}.scope", Spelling("no name", "/job-.scope")),
    ("/x/*-{id}", Spelling("a star before an ID", "/x/a-b-\(a)", a)),
    ("/buildah-{name}", Spelling("a build of podman", "/buildah-buildah1234", "buildah1234")),
    ("/x/*-{id}", Spelling("63 digits", "/x/a-b-\(a.dropFirst())")),
  ]

  @Test(arguments: given.indices)
  func `a pattern that somebody gave`(_ index: Int) throws {
    let (pattern, spelling) = Self.given[index]
    expect(spelling, [try CgroupPattern(pattern)])
  }

  @Test(arguments: [
    ("web/{name}", CgroupPatternError.notFromRoot("web/{name}")), ("", .notFromRoot("")),
    ("/", .emptyComponent("/")), ("/web//{name}", .emptyComponent("/web//{name}")),
    ("/{name}/", .emptyComponent("/{name}/")), ("/web", .placeholder("/web")),
    ("/{id}-{name}", .placeholder("/{id}-{name}")), ("/{id}{id}", .placeholder("/{id}{id}")),
    ("/{pod}", .placeholder("/{pod}")), ("/{name}/x", .placeholderNotLast("/{name}/x")),
    ("/{name}/{id}", .placeholderNotLast("/{name}/{id}")),
    ("/*{name}", .starBesidePlaceholder("/*{name}")),
    ("/{id}*", .starBesidePlaceholder("/{id}*")), ("/a/**/{id}", .unitsNotFirst("/a/**/{id}")),
    ("/**{id}", .unitsNotFirst("/**{id}")), ("/**", .emptyComponent("/**")),
  ])
  func `what is no pattern is refused, with what to write`(
    _ text: String, _ error: CgroupPatternError
  ) {
    #expect(throws: error) { try CgroupPattern(text) }
    #expect(error.description.contains(": "))
  }

  @Test func `each spelling that is known stands in the documentation`() throws {
    let table = try Files.text(Repository.path("docs/runtimes.md"))
    for spelling in CgroupSpelling.known {
      #expect(table.contains("`\(spelling.pattern.text)`"), "\(spelling.pattern.text)")
    }
    #expect(CgroupSpelling.known.count == 32)
  }

  @Test func `any bytes give a list`() {
    var random = FuzzGenerator(seed: 7)
    let pieces = [
      "/", "lxc", "lxc.payload.", "machine-", ".scope", #"\x"#, #"\x2d"#, ":", "-", Self.a,
      "garden",
      "default", "conmon", "systemd-nspawn@", ".service",
    ].map { Array($0.utf8) }
    for _ in 0..<5000 {
      var path: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        path += pieces.randomElement(using: &random) ?? []
        path += random.bytes(Int.random(in: 0...2, using: &random))
      }
      let found = CgroupPath.containers(in: path)
      #expect(Set(found).count == found.count && found.allSatisfy { !$0.isEmpty })
    }
  }
}
