// SPDX-License-Identifier: Apache-2.0

/// The containers that have tasks, and the lists of them that tasks carry.
///
/// A task carries a label, the place of an interned list; 0 is the empty one. One and the same list
/// has two labels where some tasks were registered and others are in the cgroup. Labels are part of
/// the sets that tasks share, so a plain fork or exit touches nothing here. What stands here is
/// bounded by the labels of live tasks, a list by `ContainerList.limit`, and what is remembered of
/// registrations by `registrationLimit`.
///
/// Under a policy that gives IDs by sets of namespaces (T5) each set has a label of its own.
struct ContainerTable: ~Copyable {
  /// A list that tasks carry; 0: none.
  typealias Label = UInt32

  struct Container {
    var name: [UInt8]
    /// Who asked for its first registration, and then those of its ancestors that were capable, the
    /// nearest first: the first of them that lives is its owner.
    var owners: [TaskKey] = []
    /// How many labels in use contain it.
    var labels = 0
    /// When its first task came into it, or started: CLOCK_BOOTTIME, nanoseconds.
    var sinceNs: UInt64 = 0
    /// How many of them are not from a cgroup.
    var registered = 0
    /// How many of the sets with those labels are confined in each way.
    var confined = ConfinementCounts()
    /// What was last said of all its tasks.
    var told = ContainerConfinement()
    /// Its beginning was not seen: it is as old as the oldest task that was found in it.
    var isFound = false
  }

  /// Where a task has its list from.
  enum Origin {
    /// A registration, or the policy (T5).
    case registered
    case cgroup
  }

  // This one and what stands in it are not private, as `SubjectTable.Entry`.
  struct Key: Hashable {
    var list: ContainerList
    var origin: Origin
  }

  struct Entry {
    var key: Key
    /// Of the list's containers, where the list is a cgroup's.
    var names: [[UInt8]] = []
    /// How many sets have this label.
    var users = 0
    /// T5: the set of namespaces whose label it is.
    var place: Place?
  }

  /// T5: a set of namespaces, by the places of its eight memberships in the table.
  typealias Members = SIMD8<UInt32>

  struct Place {
    var members: Members
    /// The ID that it has unless other sets with the same inode numbers live.
    var firstChoice: ContainerID
  }

  /// The sets that live together and have the same inode numbers.
  private struct Namesakes {
    var living = 0
    /// How many there were while any lived.
    var given: UInt64 = 0
  }

  /// A task that cannot be mistaken for another.
  struct TaskKey: Hashable {
    var tid: UInt32
    var startNs: UInt64
  }

  /// What a granted registration gave its target.
  private struct Registration {
    var id: ContainerID
    var list: ContainerList
    var name: [UInt8]
  }

  /// How many registrations are remembered by number, those of ended containers too: where records
  /// were lost, a task seen late may be the last one of its container. The oldest go first.
  static let registrationLimit = 16_384

  private var entries = Slab(first: Entry(key: Key(list: ContainerList(), origin: .registered)))
  private var labels: [Key: Label] = [:]
  /// T5: of sets of namespaces that tasks are in.
  private var placeLabels: [Members: Label] = [:]
  private var namesakes: [ContainerID: Namesakes] = [:]
  private var containers: [ContainerID: Container] = [:]
  /// Behind the number that the kernel side carries for each.
  private var registrations: [UInt32: Registration] = [:]
  /// Their numbers; from `registrationLimit` on the next takes the place of the oldest.
  private var numbers: [UInt32] = []
  private var oldest = 0
  /// Of whose tasks something else may be true since these were last taken.
  private var reconfined: [ContainerID] = []

  subscript(label: Label) -> ContainerList { entries[Int(label)].key.list }

  func origin(of label: Label) -> Origin { entries[Int(label)].key.origin }

  subscript(id: ContainerID) -> Container? { containers[id] }

  /// The IDs of the containers that have tasks, in order.
  var sorted: [ContainerID] { containers.keys.sorted() }

  /// All labels, used or not, are below this.
  var labelEnd: Int { entries.rows.count }

  /// How many lists there are besides the empty one, and how many registrations are remembered.
  var labelCount: Int { entries.count - 1 }
  var registrationCount: Int { registrations.count }

  func users(of label: Label) -> Int { entries[Int(label)].users }

  /// What the target of a registration was given; empty when nothing is known of it.
  func list(ofRegistration number: UInt32) -> ContainerList {
    registrations[number]?.list ?? ContainerList()
  }

  /// Whether a registration that was granted had this number, and is remembered.
  func hasRegistration(_ number: UInt32) -> Bool { registrations[number] != nil }

  /// The label of a task that is seen for the first time, by the number that it carries: a container
  /// that seemed to have ended goes on with it.
  mutating func label(ofRegistration number: UInt32) -> Label {
    guard let registration = registrations[number] else { return 0 }
    if containers[registration.id] == nil {
      containers[registration.id] = Container(name: registration.name)
    }
    return intern(registration.list)
  }

  /// A registration was granted: its number (0: the kernel side has none), its ID, what its target
  /// carries from now on, what it is called and whose it is.
  mutating func register(
    _ id: ContainerID, as list: ContainerList, number: UInt32, name: [UInt8],
    owners: [TaskKey]
  ) {
    if number != 0 { remember(Registration(id: id, list: list, name: name), number) }
    var container = containers[id] ?? Container(name: name)
    if container.name.isEmpty { container.name = name }
    container.owners = owners
    containers[id] = container
  }

  private mutating func remember(_ registration: Registration, _ number: UInt32) {
    if registrations.updateValue(registration, forKey: number) != nil { return }
    if numbers.count < Self.registrationLimit { return numbers.append(number) }
    registrations[numbers[oldest]] = nil
    numbers[oldest] = number
    oldest = (oldest + 1) % Self.registrationLimit
  }

  /// Forgets a container that no task has come into. True: there was none.
  mutating func discardUnused(_ id: ContainerID) -> Bool {
    guard containers[id]?.labels == 0 else { return false }
    containers[id] = nil
    return true
  }

  /// The label of a list; it gets one, unused, when it has none.
  mutating func intern(_ list: ContainerList) -> Label {
    intern(Entry(key: Key(list: list, origin: .registered)))
  }

  /// The label of what a cgroup's path says; another than that of a registration of the same list.
  mutating func intern(_ found: CgroupContainers) -> Label {
    intern(Entry(key: Key(list: found.list, origin: .cgroup), names: found.names))
  }

  /// T5: the label of those who are in a set of namespaces. It is the set's own while it lives; one that
  /// is new has an ID that no living set has.
  /// - Parameter id: what a number gives.
  /// - Precondition: each number gives another ID.
  mutating func label(of members: Members, id: (_ number: UInt64) -> ContainerID) -> Label {
    if let label = placeLabels[members] { return label }
    let first = id(0)
    var namesakes = namesakes[first] ?? Namesakes()
    // Of so many different IDs one is free.
    let numbers = namesakes.given...namesakes.given + UInt64(containers.count)
    guard let number = numbers.first(where: { containers[id($0)] == nil }) else {
      preconditionFailure("a policy has to give another ID for each number")
    }
    let own = id(number)
    namesakes.given = number + 1
    namesakes.living += 1
    self.namesakes[first] = namesakes
    let list = ContainerList([.init(own)])
    let label = intern(
      Entry(
        key: Key(list: list, origin: .registered),
        place: Place(members: members, firstChoice: first)))
    placeLabels[members] = label
    return label
  }

  /// A set of namespaces that tasks are no longer in.
  private mutating func forget(_ place: Place) {
    placeLabels[place.members] = nil
    namesakes[place.firstChoice]?.living -= 1
    if namesakes[place.firstChoice]?.living == 0 { namesakes[place.firstChoice] = nil }
  }

  private mutating func intern(_ entry: Entry) -> Label {
    if entry.key.list.isUnset { return 0 }
    if let label = labels[entry.key] { return label }
    let label = Label(entries.insert(entry))
    labels[entry.key] = label
    return label
  }

  /// One set more carries it, since a record of that time; its tasks are confined in that way.
  /// - Parameter isFound: the set's task was found in it, and may have been there before.
  mutating func addUser(
    _ label: Label, _ confinement: Confinement, at time: UInt64, isFound: Bool
  ) {
    if label == 0 { return }
    entries[Int(label)].users += 1
    if entries[Int(label)].users == 1 { addLabel(label, at: time, isFound) }
    for element in entries[Int(label)].key.list.elements {
      containers[element.id]?.confined.add(confinement)
      reconfined.append(element.id)
    }
  }

  private mutating func addLabel(_ label: Label, at time: UInt64, _ isFound: Bool) {
    let entry = entries[Int(label)]
    for (index, element) in entry.key.list.elements.enumerated() {
      var container = containers[element.id] ?? Container(name: [])
      if container.name.isEmpty, index < entry.names.count { container.name = entry.names[index] }
      if container.labels == 0 {
        container.sinceNs = time
        container.isFound = isFound
      }
      container.labels += 1
      if entry.key.origin == .registered { container.registered += 1 }
      containers[element.id] = container
    }
  }

  /// One set fewer; the containers that no task is in any more.
  mutating func removeUser(
    _ label: Label, _ confinement: Confinement
  ) -> [(id: ContainerID, name: [UInt8])] {
    if label == 0 { return [] }
    entries[Int(label)].users -= 1
    for element in entries[Int(label)].key.list.elements {
      containers[element.id]?.confined.remove(confinement)
      reconfined.append(element.id)
    }
    guard entries[Int(label)].users == 0 else { return [] }
    let key = entries[Int(label)].key
    labels[key] = nil
    entries[Int(label)].names = []
    if let place = entries[Int(label)].place { forget(place) }
    entries[Int(label)].place = nil
    entries.remove(at: Int(label))
    return key.list.elements.compactMap { end($0.id, key.origin) }
  }

  private mutating func end(
    _ id: ContainerID, _ origin: Origin
  ) -> (id: ContainerID, name: [UInt8])? {
    guard var container = containers[id] else { return nil }
    container.labels -= 1
    if origin == .registered { container.registered -= 1 }
    containers[id] = container
    guard container.labels == 0 else { return nil }
    containers[id] = nil
    return (id, container.name)
  }
}

// MARK: - How all tasks of a container are confined

extension ContainerTable {
  /// Something else may be true of the tasks of some containers.
  var hasReconfined: Bool { !reconfined.isEmpty }

  /// Those containers, each once or more; none from then on.
  mutating func takeReconfined() -> [ContainerID] {
    if reconfined.isEmpty { return [] }
    defer { reconfined.removeAll(keepingCapacity: true) }
    return reconfined
  }

  /// What is true of its tasks, if that is not what was said last; it has been said then. What is not
  /// known of one of them is as it was.
  mutating func tell(_ id: ContainerID) -> ContainerConfinement.Change? {
    guard let container = containers[id] else { return nil }
    let new = container.told.following(container.confined)
    if new == container.told { return nil }
    containers[id]?.told = new
    return ContainerConfinement.Change(new: new, old: container.told)
  }
}

// MARK: - Age

extension ContainerTable {
  /// A task that carries the label has been found by a walk, and started then: CLOCK_BOOTTIME,
  /// nanoseconds. A container whose beginning was not seen is as old as the oldest of its tasks.
  mutating func noteFound(_ label: Label, startedAt startNs: UInt64) {
    for element in self[label].elements {
      guard let container = containers[element.id], container.isFound else { continue }
      containers[element.id]?.sinceNs = min(container.sinceNs, startNs)
    }
  }
}
