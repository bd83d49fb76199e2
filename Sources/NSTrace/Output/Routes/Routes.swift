// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The copies of the records for containers (T16): each has its own file or socket, serials, filter and
/// queue. What a copy loses is said in it, and costs nobody else.
///
/// A class, because a run, and whoever hands files over, share it.
package final class Routes {
  private let files: any RouteFiles
  private let rules: RouteRules
  /// Whether containers without a rule have a copy, too.
  private let routesAll: Bool
  private let typeBase: UInt32
  private let limits: RouteLimits
  private var nesting = ContainerNesting()
  private var routes: [ContainerID: Route] = [:]
  /// Those with an open file.
  private var open: [Route] = []
  /// Those with a socket.
  private var sockets: [Route] = []
  /// Those whose file could not be opened.
  private var refused: [Route] = []
  /// The number of copies that were written.
  private var copies: UInt64 = 0
  /// Of copies that are forgotten.
  private var missingBefore: UInt64 = 0

  /// - Parameters:
  ///   - routesAll: whether containers without a rule have a copy, too.
  ///   - typeBase: the number of the first record type.
  /// - Throws: `SystemError` if a socket cannot be connected.
  package init(
    _ files: any RouteFiles, _ rules: RouteRules, routesAll: Bool,
    typeBase: UInt32 = RecordType.defaultBase, _ limits: RouteLimits = RouteLimits()
  ) throws(SystemError) {
    self.files = files
    self.rules = rules
    self.routesAll = routesAll
    self.typeBase = typeBase
    self.limits = limits
    for rule in rules.rules { if let path = rule.socket { try connect(rule, path) } }
  }

  private func connect(_ rule: RouteRule, _ path: String) throws(SystemError) {
    let route = Route(rule, typeBase: typeBase, limits)
    route.take(try files.connect(path))
    routes[rule.id] = route
    sockets.append(route)
  }

  /// Writes an event to the copies of the containers that it is about, and a loss to all: it may be
  /// theirs.
  package func write(_ event: borrowing AuditEvent) {
    if let lost = event.lost { return lost.share == nil ? tellAll(event) : () }
    guard event.namesContainers || event.lifecycle != nil else { return }
    nesting.learn(event)
    for viewer in nesting.viewers(of: event) {
      guard let rule = rule(of: viewer) else { continue }
      var view = copy event
      guard RouteView(viewer: viewer, nesting: nesting).reduce(&view), rule.reduce(&view) else {
        continue
      }
      write(&view, to: route(of: rule))
    }
    for record in event.containers { noteLife(record) }
  }

  private func tellAll(_ event: borrowing AuditEvent) {
    for route in routes.values.sorted(by: { $0.id < $1.id }) where !route.hasEnded {
      var view = copy event
      view.view = EventView(ownsSubject: false)
      write(&view, to: route)
    }
  }

  /// Writes an event of the kernel's audit to the copies of the containers that its process was in, or
  /// that its session is inside.
  package func write(_ event: borrowing KernelEvent) {
    if event.mentions.isEmpty { return }
    nesting.learn(event)
    for viewer in nesting.viewers(of: event) {
      guard let rule = rule(of: viewer) else { continue }
      let view = KernelEventView(
        viewer: viewer, nesting: nesting, omitsHidden: rule.format == .json)
      guard var seen = view.seen(event), rule.reduce(&seen) else { continue }
      let route = route(of: rule)
      prepare(route)
      route.write(&seen)
    }
  }

  private func write(_ view: inout AuditEvent, to route: Route) {
    prepare(route)
    route.write(&view)
  }

  private func prepare(_ route: Route) {
    copies += 1
    route.used = copies
    if !route.isOpen { openFile(of: route) }
  }

  /// Closes the files of containers that end.
  private func noteLife(_ record: ContainerRecord) {
    guard record.granted else { return }
    if record.verb == .set { routes[record.id]?.hasEnded = false }
    guard record.verb == .drop else { return }
    for element in record.old.elements {
      guard let route = routes[element.id] else { continue }
      route.hasEnded = true
      close(route)
    }
  }

  /// The rule of a container; nil: it has no copy.
  private func rule(of id: ContainerID) -> RouteRule? {
    rules[id] ?? (routesAll ? RouteRule(id) : nil)
  }
}

// MARK: - Files

extension Routes {
  private func route(of rule: RouteRule) -> Route {
    if let route = routes[rule.id] { return route }
    if routes.count >= limits.known { forgetOne() }
    let route = Route(rule, typeBase: typeBase, limits)
    routes[rule.id] = route
    return route
  }

  /// Forgets the copy that was not used for the longest time: first of those whose container has
  /// ended.
  private func forgetOne() {
    let oldest = routes.values.filter { $0.rule.socket == nil }
      .min { ($0.hasEnded ? 0 : 1, $0.used) < ($1.hasEnded ? 0 : 1, $1.used) }
    guard let oldest else { return }
    close(oldest)
    refused.removeAll { $0 === oldest }
    missingBefore += oldest.state.missing
    routes[oldest.id] = nil
  }

  private func openFile(of route: Route) {
    guard route.rule.socket == nil, ContinuousClock.now >= route.retry else { return }
    do throws(SystemError) {
      take(try files.open(route.id), for: route)
    } catch {
      refuse(route, error)
    }
  }

  private func refuse(_ route: Route, _ error: SystemError) {
    if route.refusal == nil { refused.append(route) }
    route.refusal = error
    route.retry = .now + .seconds(1)
  }

  private func take(_ file: consuming FileDescriptor, for route: Route) {
    if open.count >= limits.open { closeOne() }
    if route.refusal != nil { refused.removeAll { $0 === route } }
    route.take(file)
    open.append(route)
  }

  /// Closes the file that was not used for the longest time: first of those that have taken all.
  private func closeOne() {
    let oldest = open.min { ($0.hasCaughtUp ? 0 : 1, $0.used) < ($1.hasCaughtUp ? 0 : 1, $1.used) }
    if let oldest { close(oldest) }
  }

  private func close(_ route: Route) {
    guard route.isOpen, route.rule.socket == nil else { return }
    route.close()
    open.removeAll { $0 === route }
  }

  /// Takes a file that was asked for, and comes late.
  package func take(_ file: consuming FileDescriptor, of id: ContainerID) {
    guard let route = routes[id], !route.isOpen, route.rule.socket == nil else { return }
    take(file, for: route)
  }

  /// Closes all files: they are opened again under their names.
  package func reopen() {
    for route in open { close(route) }
    for route in routes.values { route.retry = .now }
  }
}

// MARK: - Outputs that do not keep up

extension Routes {
  private var all: [Route] { open + sockets }

  package func flush() {
    for route in all { route.flush() }
    closeBroken()
  }

  /// A file that failed for good is opened again later, as one that could not be opened.
  private func closeBroken() {
    for route in open {
      guard route.state.isClosed, let failure = route.state.failure else { continue }
      close(route)
      refuse(route, failure)
    }
  }

  /// Writes what waits, as far as it is taken.
  package func drain() { for route in all { route.drain() } }

  /// Writes the rest: nothing more comes. One reader that does not read is waited for, a second at
  /// most.
  package func finish() {
    var patience: Int32 = 1000
    for route in all {
      route.finish(waiting: patience)
      if route.state.failure?.errno == ETIMEDOUT { patience = 0 }
    }
  }

  /// What poll(2) is to watch until more can be written.
  package var awaited: [Int32] { all.compactMap(\.state.awaited) }

  /// Whether a file is tried again later.
  package var isFailing: Bool { open.contains { $0.state.isFailing } }

  /// The number of records that copies lack.
  package var missing: UInt64 { routes.values.reduce(missingBefore) { $0 + $1.state.missing } }

  /// The first error of a copy whose writes wait; nil: none has failed.
  package var failure: SystemError? {
    for route in routes.values.sorted(by: { $0.id < $1.id }) {
      if let failure = route.refusal ?? route.state.failure { return failure }
    }
    return nil
  }

  /// What has become of copies since this was last asked.
  package func takeNotices() -> [RouteNotice] {
    (open + sockets + refused).compactMap { $0.takeNotice() }
  }
}
