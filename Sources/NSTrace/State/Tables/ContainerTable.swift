// SPDX-License-Identifier: Apache-2.0

/// The containers that have tasks, and the lists of them that tasks carry.
///
/// A task carries a label, the index of an interned list; 0 is the empty list. The same list has
/// two labels if some tasks were registered and others are in the cgroup. Labels are part of the
/// sets that tasks share, so a plain fork or exit changes nothing here. The size is bounded by the
/// labels of live tasks, by `ContainerList.limit` for each list, and by `registrationLimit`.
///
/// Under a policy that takes IDs from sets of namespaces (T5) each set has a label of its own.
struct ContainerTable: ~Copyable {
  /// A list that tasks carry; 0: none.
  typealias Label = UInt32

  struct Container {
    var name: [UInt8]
    /// The process that asked for its first registration, then that process's capable ancestors,
    /// the nearest first. The first of them that lives is the owner.
    var owners: [TaskKey] = []
    /// The number of labels in use that contain it.
    var labels = 0
    /// When its first task came into it, or started: CLOCK_BOOTTIME, nanoseconds.
    var sinceNs: UInt64 = 0
    /// The number of these labels that do not come from a cgroup.
    var registered = 0
    /// The number of sets with those labels, by confinement.
    var confined = ConfinementCounts()
    /// The confinement of all its tasks that was last recorded.
    var told = ContainerConfinement()
    /// Whether its beginning was not seen. It is then as old as the oldest task found in it.
    var isFound = false
    /// Whether a program has been executed in it, in namespaces that are not all the host's.
    var hasStarted = false
    /// When it was registered, if that was before the stream began.
    var keptNs: UInt64?
    /// Whether a registration says that who enters its namespaces takes the ID (T10).
    var isTakenOnEntry = false
  }

  /// Where a task's list comes from.
  enum Origin {
    /// A registration, or the policy (T5).
    case registered
    case cgroup
  }

  // This type and its members' types are not private, for the reason at `SubjectTable.Entry`.
  struct Key: Hashable {
    var list: ContainerList
    var origin: Origin
  }

  struct Entry {
    var key: Key
    /// The names of the list's containers, if the list comes from a cgroup.
    var names: [[UInt8]] = []
    /// The number of sets with this label.
    var users = 0
    /// T5: the set of namespaces that has this label.
    var place: Place?
  }

  /// T5: a set of namespaces, by the indexes of its eight memberships in `NamespaceTable`.
  typealias Members = SIMD8<UInt32>

  struct Place {
    var members: Members
    /// The ID of the set unless other live sets have the same inode numbers.
    var firstChoice: ContainerID
  }

  /// The live sets that have the same inode numbers.
  private struct Namesakes {
    var living = 0
    /// The number of IDs that were given while any of them lived.
    var given: UInt64 = 0
  }

  /// A task, by what tells it from every other.
  struct TaskKey: Hashable {
    var tid: UInt32
    var startNs: UInt64
  }

  /// What a granted registration gave its target.
  private struct Registration {
    var id: ContainerID
    var list: ContainerList
    var name: [UInt8]
    var isTakenOnEntry: Bool
  }

  /// What is known of a container that was registered before the stream began, until one of its tasks
  /// is seen.
  struct Kept {
    var name: [UInt8]
    var owners: [TaskKey]
    /// When it was registered first: CLOCK_BOOTTIME, nanoseconds.
    var sinceNs: UInt64
    /// The task that was registered last.
    var target: UInt32
    var isTakenOnEntry = false
  }

  /// The number of registrations that are remembered, those of ended containers too: after a loss,
  /// a task that is seen late may be the last one of its container. The oldest are forgotten first.
  static let registrationLimit = 65_536

  private var entries = Slab(first: Entry(key: Key(list: ContainerList(), origin: .registered)))
  private var labels: [Key: Label] = [:]
  /// T5: the labels of sets that tasks are in.
  private var placeLabels: [Members: Label] = [:]
  private var namesakes: [ContainerID: Namesakes] = [:]
  private var containers: [ContainerID: Container] = [:]
  /// The registrations by the number that the kernel side carries for each.
  private var registrations: [UInt32: Registration] = [:]
  /// Their numbers. From `registrationLimit` on the next replaces the oldest.
  private var numbers: [UInt32] = []
  private var oldest = 0
  private var kept: [ContainerID: Kept] = [:]
  /// How often a container has ended.
  private(set) var endCount: UInt64 = 0
  /// Containers whose confinement may have changed since this was last taken.
  private var reconfined: [ContainerID] = []

  subscript(label: Label) -> ContainerList { entries[Int(label)].key.list }

  func origin(of label: Label) -> Origin { entries[Int(label)].key.origin }

  subscript(id: ContainerID) -> Container? { containers[id] }

  /// The IDs of the containers that have tasks, in order.
  var sorted: [ContainerID] { containers.keys.sorted() }

  /// One more than the largest label, used or not.
  var labelEnd: Int { entries.rows.count }

  /// The number of lists besides the empty one, and of remembered registrations.
  var labelCount: Int { entries.count - 1 }
  var registrationCount: Int { registrations.count }

  func users(of label: Label) -> Int { entries[Int(label)].users }

  /// Whether a program has been executed in a container, or it was there before that could be seen.
  func hasStarted(_ id: ContainerID) -> Bool {
    containers[id].map { $0.hasStarted || $0.isFound } ?? false
  }

  mutating func start(_ id: ContainerID) { containers[id]?.hasStarted = true }

  /// Whether who enters a namespace of the container takes its ID (T10).
  func isTakenOnEntry(_ id: ContainerID) -> Bool { containers[id]?.isTakenOnEntry ?? false }

  /// The list that a registration gave its target; empty when the number is not known.
  func list(ofRegistration number: UInt32) -> ContainerList {
    registrations[number]?.list ?? ContainerList()
  }

  /// Whether a granted registration with this number is remembered.
  func hasRegistration(_ number: UInt32) -> Bool { registrations[number] != nil }

  /// The label of a task that is seen for the first time, by the number that it carries. A
  /// container that seemed to have ended goes on with it.
  mutating func label(ofRegistration number: UInt32) -> Label {
    guard let registration = registrations[number] else { return 0 }
    if containers[registration.id] == nil {
      containers[registration.id] = newContainer(registration.id, named: registration.name)
    }
    if registration.isTakenOnEntry { containers[registration.id]?.isTakenOnEntry = true }
    return intern(registration.list)
  }

  /// A container that has no task yet.
  private func newContainer(_ id: ContainerID, named name: [UInt8]) -> Container {
    guard let kept = kept[id] else { return Container(name: name) }
    return Container(
      name: kept.name.isEmpty ? name : kept.name, owners: kept.owners, keptNs: kept.sinceNs,
      isTakenOnEntry: kept.isTakenOnEntry)
  }

  /// Adds a granted registration.
  /// - Parameters:
  ///   - list: what the target carries from now on.
  ///   - number: what the kernel side carries for it; 0: none.
  ///   - name: what the registration calls the container.
  ///   - isTakenOnEntry: whether who enters its namespaces takes the ID (T10).
  mutating func register(
    _ id: ContainerID, as list: ContainerList, number: UInt32, name: [UInt8],
    owners: [TaskKey], isTakenOnEntry: Bool = false
  ) {
    if number != 0 {
      remember(
        Registration(id: id, list: list, name: name, isTakenOnEntry: isTakenOnEntry), number)
    }
    var container = containers[id] ?? Container(name: name)
    if isTakenOnEntry { container.isTakenOnEntry = true }
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

  /// Forgets a container that no task has joined.
  /// - Returns: whether there was one to forget.
  mutating func discardUnused(_ id: ContainerID) -> Bool {
    guard containers[id]?.labels == 0 else { return false }
    containers[id] = nil
    endCount &+= 1
    return true
  }

  /// The label of a registered list. A new list gets a label without users.
  mutating func intern(_ list: ContainerList) -> Label {
    intern(Entry(key: Key(list: list, origin: .registered)))
  }

  /// The label of the list that a cgroup's path names. A registered list that is equal has another
  /// label.
  mutating func intern(_ found: CgroupContainers) -> Label {
    intern(Entry(key: Key(list: found.list, origin: .cgroup), names: found.names))
  }

  /// T5: the label of a set of namespaces, which keeps it while it lives. A new set gets an ID that
  /// no live set has.
  /// - Parameter id: the ID for a number.
  /// - Precondition: each number gives another ID.
  mutating func label(of members: Members, id: (_ number: UInt64) -> ContainerID) -> Label {
    if let label = placeLabels[members] { return label }
    let first = id(0)
    var namesakes = namesakes[first] ?? Namesakes()
    // One more ID than there are containers, so one is free.
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

  /// Forgets a set of namespaces that no task is in.
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

  /// Counts one more set with the label, as of a record of that time.
  /// - Parameters:
  ///   - confinement: of the set's tasks.
  ///   - isFound: whether the set's task was found in it, and may have been there before.
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
      var container = containers[element.id] ?? newContainer(element.id, named: [])
      if container.name.isEmpty, index < entry.names.count { container.name = entry.names[index] }
      if container.labels == 0 {
        container.sinceNs = container.keptNs ?? time
        container.isFound = isFound && container.keptNs == nil
      }
      container.labels += 1
      if entry.key.origin == .registered { container.registered += 1 }
      containers[element.id] = container
    }
  }

  /// Counts one set fewer.
  /// - Returns: the containers that no task is in any more.
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
    endCount &+= 1
    return (id, container.name)
  }
}

// MARK: - Registrations before the stream

extension ContainerTable {
  /// Adds a registration that was granted before the stream began. Its container begins with the first
  /// task that is seen in it.
  mutating func keep(_ id: ContainerID, as list: ContainerList, number: UInt32, _ new: Kept) {
    remember(
      Registration(id: id, list: list, name: new.name, isTakenOnEntry: new.isTakenOnEntry), number)
    guard kept[id] != nil || kept.count < Self.registrationLimit else { return }
    var container = new
    if let old = kept[id] {
      if !old.name.isEmpty { container.name = old.name }
      container.sinceNs = min(old.sinceNs, new.sinceNs)
      container.isTakenOnEntry = old.isTakenOnEntry || new.isTakenOnEntry
    }
    kept[id] = container
  }

  /// The name of a kept container; nil: there is none with that ID.
  func keptName(of id: ContainerID) -> [UInt8]? { kept[id]?.name }

  /// The kept containers in which no task was seen, by ID. They are forgotten, and so is what else was
  /// kept: all tasks have been seen.
  mutating func takeUnseenKept() -> [(id: ContainerID, kept: Kept)] {
    let unseen = kept.filter { containers[$0.key] == nil }.sorted { $0.key < $1.key }
    kept = [:]
    endCount &+= UInt64(unseen.count)
    return unseen.map { ($0.key, $0.value) }
  }
}

// MARK: - Confinement of a container

extension ContainerTable {
  /// Whether the confinement of some containers may have changed.
  var hasReconfined: Bool { !reconfined.isEmpty }

  /// Those containers, each once or more. Empties the list.
  mutating func takeReconfined() -> [ContainerID] {
    if reconfined.isEmpty { return [] }
    defer { reconfined.removeAll(keepingCapacity: true) }
    return reconfined
  }

  /// The change since the last record about the container, which counts as recorded then; nil:
  /// there is none. An unknown value of one task leaves the old one.
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
  /// Notes that a walk found a task with the label, which started at CLOCK_BOOTTIME `startNs`,
  /// nanoseconds. A container whose beginning was not seen is as old as its oldest task.
  mutating func noteFound(_ label: Label, startedAt startNs: UInt64) {
    for element in self[label].elements {
      guard let container = containers[element.id], container.isFound else { continue }
      containers[element.id]?.sinceNs = min(container.sinceNs, startNs)
    }
  }
}
