// SPDX-License-Identifier: Apache-2.0

/// The containers that have tasks, and the lists of them that tasks carry.
///
/// A task carries a label, the place of an interned list; 0 is the empty one. Labels are part of
/// the sets that tasks share, so a plain fork or exit touches nothing here.
struct ContainerTable {
  /// A list that tasks carry; 0: none.
  typealias Label = UInt32

  struct Container {
    var name: [UInt8]
    /// Who registered it: nobody else may put a second process into it while this one lives.
    var owner: TaskKey?
    /// How many labels in use contain it.
    var labels = 0
  }

  /// A task that cannot be mistaken for another.
  struct TaskKey: Hashable {
    var tid: UInt32
    var startNs: UInt64
  }

  private var lists: [ContainerList] = [ContainerList()]
  private var byList: [ContainerList: Label] = [ContainerList(): 0]
  private var users: [Int] = [0]
  private var free: [Label] = []
  private var containers: [ContainerID: Container] = [:]
  /// What stands behind the number that the kernel side carries for a registration. It outlives
  /// the container: while records are lost, the last task that is known is not the last.
  private var registrations: [UInt32: Registration] = [:]

  private struct Registration {
    var list: ContainerList
    var name: [UInt8]
  }

  /// How many registrations are remembered; of those before, only what lives.
  static let registrationLimit = 1 << 16

  subscript(label: Label) -> ContainerList { lists[Int(label)] }

  subscript(id: ContainerID) -> Container? { containers[id] }

  /// The IDs of the containers that have tasks, in order.
  var sorted: [ContainerID] { containers.keys.sorted() }

  func list(ofRegistration number: UInt32) -> ContainerList {
    registrations[number]?.list ?? ContainerList()
  }

  /// What carries this number carries this list from now on.
  mutating func remember(_ list: ContainerList, number: UInt32, name: [UInt8]) {
    guard number != 0 else { return }
    registrations[number] = Registration(list: list, name: name)
    guard registrations.count > 2 * Self.registrationLimit else { return }
    let oldest = number &- UInt32(Self.registrationLimit)
    registrations = registrations.filter { $0.key > oldest || byList[$0.value.list] != nil }
  }

  /// A container that was thought to have ended has its name back.
  mutating func revive(ofRegistration number: UInt32) {
    guard let registration = registrations[number] else { return }
    for element in registration.list.elements where containers[element.id] == nil {
      containers[element.id] = Container(name: name(of: element.id))
    }
  }

  /// What its first registration that gave it a name called it.
  private func name(of id: ContainerID) -> [UInt8] {
    let named = registrations.filter {
      $0.value.list.elements.first?.id == id && !$0.value.name.isEmpty
    }
    return named.min { $0.key < $1.key }?.value.name ?? []
  }

  /// A registration was granted: its ID, what it is called and who asked.
  mutating func register(_ id: ContainerID, name: [UInt8], owner: TaskKey?) {
    var container = containers[id] ?? Container(name: name, owner: owner)
    if container.name.isEmpty { container.name = name }
    container.owner = owner
    containers[id] = container
  }

  /// The label of a list; it gets one, unused, when it has none.
  mutating func intern(_ list: ContainerList) -> Label {
    if let label = byList[list] { return label }
    let label: Label
    if let reused = free.popLast() {
      label = reused
      lists[Int(label)] = list
    } else {
      label = Label(lists.count)
      lists.append(list)
      users.append(0)
    }
    byList[list] = label
    return label
  }

  /// One set more carries it.
  mutating func addUser(_ label: Label) {
    if label == 0 { return }
    users[Int(label)] += 1
    guard users[Int(label)] == 1 else { return }
    for element in lists[Int(label)].elements {
      containers[element.id, default: Container(name: [])].labels += 1
    }
  }

  /// One set fewer; the containers that no task is in any more.
  mutating func removeUser(_ label: Label) -> [(id: ContainerID, name: [UInt8])] {
    if label == 0 { return [] }
    users[Int(label)] -= 1
    guard users[Int(label)] == 0 else { return [] }
    let list = lists[Int(label)]
    byList[list] = nil
    free.append(label)
    return list.elements.compactMap { end($0.id) }
  }

  private mutating func end(_ id: ContainerID) -> (id: ContainerID, name: [UInt8])? {
    guard var container = containers[id] else { return nil }
    container.labels -= 1
    containers[id] = container
    guard container.labels == 0 else { return nil }
    containers[id] = nil
    return (id, container.name)
  }
}
