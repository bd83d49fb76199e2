// SPDX-License-Identifier: Apache-2.0

import CNSWire
import Synchronization

@testable import NSTrace

// Faults in one kind of record.

extension Fault {
  /// Changes registrations before the tracker reads them.
  static func request(_ change: @escaping @Sendable (inout nst_register) -> Void) -> Fault {
    .input { event in
      guard case .register(var request, let name)? = event else { return }
      change(&request)
      event = .register(request, name: name)
    }
  }

  /// Every caller has the capability.
  static let incapable = request { $0.flags |= UInt16(NST_REGISTER_CAPABLE) }

  /// Changes NS_CREATE, NS_CHANGE or NS_DESTROY records.
  static func namespaces(
    _ verb: NamespaceRecord.Verb, _ change: @escaping @Sendable (inout NamespaceRecord) -> Void
  ) -> Fault {
    .events { $0.forge(verb, nil, change) }
  }

  /// Changes CONTAINER_OP records.
  static func containers(
    _ verb: ContainerRecord.Verb, _ change: @escaping @Sendable (inout ContainerRecord) -> Void
  ) -> Fault {
    .events { $0.forge(verb, change) }
  }

  /// Changes CONTAINER_SESSION records; nil: there is none.
  static func sessions(
    _ change: @escaping @Sendable (SessionRecord) -> SessionRecord?
  ) -> Fault {
    .events { events in
      for index in events.indices {
        events[index].sessions = events[index].sessions.compactMap(change)
      }
    }
  }

  /// Changes CONTAINER_OP records of granted registrations.
  static func registered(_ change: @escaping @Sendable (inout ContainerRecord) -> Void) -> Fault {
    .events { events in
      for index in events.indices where events[index].info != nil {
        for place in events[index].containers.indices
        where events[index].containers[place].verb == .set {
          change(&events[index].containers[place])
        }
      }
    }
  }

  /// Reports refusals for this reason as granted.
  static func granting(_ reason: RegistrationError) -> Fault {
    .containers(.set) { if $0.refusal == reason { $0.refusal = nil } }
  }
}

extension AuditEvent {
  /// Changes each container ID in the records, by the tid of the record's task.
  mutating func changeIDs(_ change: (inout ContainerID, _ opid: UInt32) -> Void) {
    for index in namespaces.indices {
      let opid = namespaces[index].opid
      namespaces[index].containers.changeIDs { change(&$0, opid) }
      namespaces[index].namespaceContainers.changeIDs { change(&$0, opid) }
    }
    for index in containers.indices {
      let opid = containers[index].opid
      if containers[index].id != .unset { change(&containers[index].id, opid) }
      containers[index].old.changeIDs { change(&$0, opid) }
    }
    if let opid = subject?.task.tid { actorContainers.changeIDs { change(&$0, opid) } }
  }
}

extension ContainerList {
  fileprivate mutating func changeIDs(_ change: (inout ContainerID) -> Void) {
    for index in elements.indices { change(&elements[index].id) }
  }
}

extension ContainerID {
  var swapped: ContainerID { ContainerID(high: low, low: high) }
}

/// A policy that refuses what another one does, and gives the list that a closure returns.
struct FaultyPolicy: ContainerPolicy {
  private let refusing: any ContainerPolicy
  private let giving: @Sendable (ContainerList, ContainerID) -> ContainerList
  /// Changes the facts that the policy judges.
  private var misreads: @Sendable (inout Registration) -> Void = { _ in }
  private(set) var stainsNamespaces = false
  private(set) var letsRegisterSelf = false

  init(of policy: any ContainerPolicy) {
    self.init(of: policy) { policy.list($0, joinedBy: $1) }
  }

  init(
    of policy: any ContainerPolicy,
    giving: @escaping @Sendable (ContainerList, ContainerID) -> ContainerList
  ) {
    refusing = policy
    self.giving = giving
  }

  /// The policy, whole, but with other facts.
  init(
    misreading policy: any ContainerPolicy,
    _ misreads: @escaping @Sendable (inout Registration) -> Void
  ) {
    self.init(of: policy)
    self.misreads = misreads
    stainsNamespaces = policy.stainsNamespaces
    letsRegisterSelf = policy.letsRegisterSelf
  }

  var name: StaticString { refusing.name }

  func refuses(_ registration: Registration) -> RegistrationError? {
    var registration = registration
    misreads(&registration)
    return refusing.refuses(registration)
  }

  func list(_ old: ContainerList, joinedBy id: ContainerID) -> ContainerList { giving(old, id) }
}

/// The policy `rfc` with a fault: IDs with one equal word are the same to it.
final class ShortSightedPolicy: ContainerPolicy {
  private let seen = Mutex<Set<ContainerID>>([])

  var name: StaticString { "rfc" }

  func refuses(_ registration: Registration) -> RegistrationError? {
    if let reason = RFCPolicy().refuses(registration) { return reason }
    let id = registration.id
    return seen.withLock { seen in
      let isLike = seen.contains { $0 != id && ($0.low == id.low || $0.high == id.high) }
      if !isLike { seen.insert(id) }
      return isLike ? .notUnique : nil
    }
  }
}

// MARK: - Text

extension String {
  /// The lines that satisfy the predicate.
  func lines(where isWanted: (Substring) -> Bool) -> String {
    split(separator: "\n").filter(isWanted).map { $0 + "\n" }.joined()
  }

  /// Gives a field the value of another one, in records of one type.
  func replacing(in type: String, _ field: String, by other: String) -> String {
    mapLines(beginning: "type=\(type) ") { line in
      let fields = line.split(separator: " ")
      guard
        let value = fields.first(where: { $0.hasPrefix("\(other)=") })?.dropFirst(other.utf8.count)
      else { return String(line) }
      return fields.map { $0.hasPrefix("\(field)=") ? field + value : String($0) }
        .joined(separator: " ")
    }
  }

  func replacingInJSON(_ type: String, _ key: String, by other: String) -> String {
    mapLines(beginning: #"{"type":"\#(type)""#) { line in
      let fields = line.split(separator: ",")
      let head = #""\#(other)":"#
      guard let value = fields.first(where: { $0.hasPrefix(head) })?.dropFirst(head.utf8.count)
      else { return String(line) }
      return fields.map { $0.hasPrefix(#""\#(key)":"#) ? #""\#(key)":"# + value : String($0) }
        .joined(separator: ",")
    }
  }

  private func mapLines(beginning head: String, _ change: (Substring) -> String) -> String {
    split(separator: "\n").map { ($0.hasPrefix(head) ? change($0) : String($0)) + "\n" }.joined()
  }
}
