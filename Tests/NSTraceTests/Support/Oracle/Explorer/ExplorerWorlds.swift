// SPDX-License-Identifier: Apache-2.0

@testable import NSTrace

/// The worlds that are explored whole, each on every tier.
///
/// Worlds differ in their calls under way and not in their tasks. Each has two or three calls whose
/// effects and reports can come in any order.
struct ExplorerWorlds {
  let tier: KernelTier

  /// The worlds that are always explored to their end.
  var first: [ModelWorld] { [entrance, reuse] }

  var all: [ModelWorld] {
    first + entrances + descriptors + numbers + births + kinds + containers + compat + gaps + starts
  }

  private func world(
    _ name: String, _ programs: [TaskName: [ModelCall]],
    opening: [(task: TaskName, call: ModelCall)] = [], losses: [ModelWorld.Loss] = [],
    start: ModelWorld.Start = .before
  ) -> ModelWorld {
    ModelWorld(name, tier, programs, opening: opening, losses: losses, start: start)
  }

  /// faults.md G1: a task enters a namespace whose maker has not returned from unshare.
  private var entrance: ModelWorld {
    world(
      "a namespace is entered before its maker's unshare returns",
      [
        .p: [.unshare([.uts]), .unshare([.uts])],
        .q: [.setns(.p, [.uts]), .setns(.host, [.uts])],
      ])
  }

  /// faults.md G3: the number of one task's namespace is given to another task's.
  private var reuse: ModelWorld {
    world(
      "two containers whose tasks unshare in a loop",
      [
        .p: [.unshare([.uts]), .unshare([.uts])],
        .q: [.unshare([.uts]), .unshare([.uts])],
      ], opening: [(.host, .register(.p, 1)), (.host, .register(.q, 2))])
  }
}

// MARK: - Entrances

extension ExplorerWorlds {
  private var entrances: [ModelWorld] {
    [
      world(
        "the maker exits behind an entrant",
        [.p: [.unshare([.uts]), .exit], .q: [.setns(.p, [.uts]), .exit]]),
      world(
        "the maker goes home behind an entrant",
        [
          .p: [.unshare([.uts]), .setns(.host, [.uts])],
          .q: [.setns(.p, [.uts]), .setns(.host, [.uts]), .setns(.p, [.uts])],
        ]),
      world(
        "two enter one that is being made",
        [
          .p: [.unshare([.uts])], .q: [.setns(.p, [.uts]), .exit],
          .r: [.setns(.p, [.uts]), .exit],
        ]),
      world(
        "one enters behind one that has entered",
        [
          .p: [.unshare([.uts]), .exit], .q: [.setns(.p, [.uts])],
          .r: [.setns(.q, [.uts]), .setns(.host, [.uts])],
        ]),
      world(
        "an entrant makes one of its own",
        [
          .p: [.unshare([.uts])], .q: [.setns(.p, [.uts]), .unshare([.uts])],
          .r: [.setns(.q, [.uts])],
        ]),
      world(
        "two makers enter each other's",
        [
          .p: [.unshare([.uts]), .setns(.q, [.uts])],
          .q: [.unshare([.uts]), .setns(.p, [.uts])],
        ]),
      world(
        "an entrant forks before its maker returns",
        [
          .p: [.unshare([.uts]), .unshare([.uts])],
          .q: [.setns(.p, [.uts]), .fork(.c), .exit], .c: [.exit],
        ]),
      world(
        "two of a maker's are entered at once",
        [
          .p: [.unshare([.uts]), .unshare([.net])], .q: [.setns(.p, [.uts, .net]), .exit],
        ]),
    ]
  }

  private var descriptors: [ModelWorld] {
    [
      world(
        "a descriptor is entered while all others leave",
        [
          .p: [.unshare([.uts]), .exit],
          .q: [.open(.p, .uts), .enter, .setns(.host, [.uts]), .enter],
        ]),
      world(
        "two enter a pinned one that nobody uses", [.q: [.enter, .exit], .r: [.enter, .exit]],
        opening: [
          (.p, .unshare([.uts])), (.q, .open(.p, .uts)), (.r, .open(.p, .uts)),
          (.p, .setns(.host, [.uts])),
        ]),
      world(
        "a pinned one that nobody uses is entered, and that one is followed",
        [.q: [.enter, .unshare([.uts])], .r: [.setns(.q, [.uts]), .exit]],
        opening: [
          (.p, .unshare([.uts])), (.q, .open(.p, .uts)), (.p, .setns(.host, [.uts])),
        ]),
      world(
        "a descriptor from before a task left",
        [
          .p: [.unshare([.uts]), .unshare([.uts])],
          .q: [.open(.p, .uts), .unshare([.uts]), .enter],
        ]),
    ]
  }
}

// MARK: - Numbers

extension ExplorerWorlds {
  private var numbers: [ModelWorld] {
    [
      world(
        "a number is given on, and the new one entered",
        [
          .p: [.unshare([.uts])], .q: [.unshare([.uts])],
          .r: [.setns(.q, [.uts]), .setns(.host, [.uts])],
        ], opening: [(.p, .unshare([.uts]))]),
      world(
        "a number is given on to another kind",
        [.p: [.unshare([.uts]), .exit], .q: [.unshare([.net]), .unshare([.uts])]],
        opening: [(.p, .unshare([.uts]))]),
      world(
        "the number of one that exits",
        [.p: [.exit], .q: [.unshare([.uts]), .exit], .r: [.unshare([.uts])]],
        opening: [(.p, .unshare([.uts]))]),
      world(
        "an entrant's and a maker's namespaces in turn",
        [
          .p: [.unshare([.uts]), .unshare([.uts])],
          .q: [.setns(.p, [.uts]), .unshare([.uts])],
        ], opening: [(.p, .unshare([.uts]))]),
      world(
        "two leave one, and its number is given on",
        [
          .p: [.unshare([.uts])], .q: [.setns(.host, [.uts])], .r: [.unshare([.uts]), .exit],
        ], opening: [(.p, .unshare([.uts])), (.q, .setns(.p, [.uts]))]),
      world(
        "one number three times",
        [
          .p: [.unshare([.uts])], .q: [.unshare([.uts]), .unshare([.uts])],
          .r: [.unshare([.uts])],
        ], opening: [(.p, .unshare([.uts]))]),
      world(
        "a maker's number comes back to it",
        [
          .p: [.unshare([.uts]), .unshare([.uts])], .q: [.unshare([.net]), .unshare([.uts])],
        ], opening: [(.p, .unshare([.uts])), (.q, .unshare([.net]))]),
      world(
        "a number is given on while one enters what had it",
        [
          .p: [.unshare([.uts])], .q: [.setns(.p, [.uts]), .setns(.host, [.uts])],
          .r: [.unshare([.uts])],
        ], opening: [(.p, .unshare([.uts]))]),
    ]
  }
}

// MARK: - Births

extension ExplorerWorlds {
  private var births: [ModelWorld] {
    [
      world(
        "a child is entered before its birth is reported",
        [.p: [.clone(.c, [.uts])], .c: [.exit], .q: [.setns(.c, [.uts]), .exit]]),
      world(
        "a child unshares what its parent made",
        [
          .p: [.unshare([.uts]), .fork(.c), .exit], .c: [.unshare([.uts])],
          .q: [.setns(.p, [.uts])],
        ]),
      world(
        "a clone is given a number that is in use by the records",
        [.p: [.unshare([.uts])], .q: [.clone(.c, [.uts])], .c: [.exit]],
        opening: [(.p, .unshare([.uts]))]),
      world(
        "a family leaves a namespace, and a clone has its number",
        [.p: [.unshare([.uts])], .c: [.unshare([.uts])], .q: [.clone(.d, [.uts])], .d: []],
        opening: [(.p, .unshare([.uts])), (.p, .fork(.c))]),
      world(
        "two clones in a row",
        [
          .p: [.clone(.c, [.uts])], .c: [.exit], .q: [.clone(.d, [.uts])], .d: [.exit],
        ]),
    ]
  }

  private var kinds: [ModelWorld] {
    [
      world(
        "credentials change behind the rest",
        [.p: [.unshare([.user, .uts]), .exit], .q: [.setns(.p, [.user, .uts]), .exit]]),
      world(
        "credentials and numbers",
        [
          .p: [.unshare([.user, .uts])], .q: [.unshare([.uts])], .r: [.setns(.p, [.user])],
        ], opening: [(.p, .unshare([.uts]))]),
      world(
        "a PID namespace and its first task",
        [
          .p: [.unshare([.pid]), .fork(.c)], .c: [.exit], .q: [.setns(.c, [.pid]), .exit],
        ]),
      world(
        "a PID namespace is held for children",
        [
          .p: [.unshare([.pid]), .fork(.c), .exit], .c: [.exit], .q: [.unshare([.pid])],
        ]),
      world(
        "time moves at exec",
        [
          .p: [.unshare([.time]), .exec], .q: [.setns(.p, [.time]), .unshare([.time])],
        ]),
    ]
  }
}

// MARK: - Containers

extension ExplorerWorlds {
  private var containers: [ModelWorld] {
    [
      world(
        "a container's namespace is entered by another's task",
        [
          .p: [.unshare([.uts]), .unshare([.uts])],
          .q: [.setns(.p, [.uts]), .setns(.host, [.uts])],
        ], opening: [(.host, .register(.p, 1)), (.host, .register(.q, 2))]),
      world(
        "a task is registered while it unshares",
        [
          .host: [.register(.p, 1)], .p: [.unshare([.uts]), .fork(.c)], .c: [],
          .q: [.setns(.p, [.uts])],
        ]),
      world(
        "a registered task's number is given on",
        [
          .host: [.register(.p, 1), .register(.q, 2)], .p: [.unshare([.uts])],
          .q: [.unshare([.uts])],
        ], opening: [(.p, .unshare([.uts]))]),
    ]
  }
}

// MARK: - What is not reported

extension ExplorerWorlds {
  private var compat: [ModelWorld] {
    [
      world(
        "a compat unshare, found at a fork",
        [
          .p: [.compatUnshare([.uts]), .fork(.c)], .c: [], .q: [.setns(.p, [.uts]), .exit],
        ]),
      world(
        "a compat unshare gives a number on",
        [.p: [.compatUnshare([.uts]), .exit], .q: [.unshare([.uts])]],
        opening: [(.p, .unshare([.uts]))]),
      world(
        "a compat setns",
        [.p: [.unshare([.uts]), .unshare([.uts])], .q: [.compatSetns(.p, [.uts]), .exit]]),
    ] + compatMakers
  }

  /// A compat call makes a namespace, another task enters it, and the maker's next report states or
  /// leaves it.
  private var compatMakers: [ModelWorld] {
    [
      world(
        "a compat maker execs behind an entrant",
        [.p: [.compatUnshare([.uts]), .exec], .q: [.setns(.p, [.uts]), .exit]]),
      world(
        "a compat maker unshares another kind behind an entrant",
        [.p: [.compatUnshare([.uts]), .unshare([.net])], .q: [.setns(.p, [.uts]), .exit]]),
      world(
        "a compat maker unshares the same kind behind an entrant",
        [.p: [.compatUnshare([.uts]), .unshare([.uts])], .q: [.setns(.p, [.uts]), .exit]]),
      world(
        "a compat maker goes home behind an entrant",
        [
          .p: [.compatUnshare([.uts]), .setns(.host, [.uts])], .q: [.setns(.p, [.uts]), .exit],
        ]),
      world(
        "a compat maker enters another kind behind an entrant",
        [
          .p: [.compatUnshare([.uts]), .setns(.r, [.net])], .q: [.setns(.p, [.uts]), .exit],
        ], opening: [(.r, .unshare([.net]))]),
      world(
        "a compat maker of time execs behind an entrant",
        [.p: [.compatUnshare([.time]), .exec], .q: [.setns(.p, [.time]), .exit]]),
      world(
        "a child's compat unshare is entered",
        [
          .p: [.fork(.c)], .c: [.compatUnshare([.uts]), .exec],
          .q: [.setns(.c, [.uts]), .exit],
        ]),
      world(
        "two enter a compat maker's, and it execs",
        [
          .p: [.compatUnshare([.uts]), .exec], .q: [.setns(.p, [.uts])],
          .r: [.setns(.p, [.uts])],
        ]),
      world(
        "a compat setns and an entrance behind one that is being made",
        [
          .p: [.unshare([.uts])], .q: [.setns(.p, [.uts])],
          .r: [.compatSetns(.p, [.uts]), .exec],
        ]),
    ]
  }

  private var gaps: [ModelWorld] {
    [
      world(
        "a maker's report is lost",
        [.p: [.unshare([.uts])], .q: [.setns(.p, [.uts])]], losses: [.init(task: .p, call: 0)]),
      world(
        "an entrant's report is lost",
        [.p: [.unshare([.uts]), .exit], .q: [.setns(.p, [.uts])]],
        losses: [.init(task: .q, call: 0)]),
      world(
        "a report is lost, and a number given on",
        [.p: [.unshare([.uts])], .q: [.unshare([.uts])]],
        opening: [(.p, .unshare([.uts]))], losses: [.init(task: .p, call: 0)]),
      world(
        "a birth is lost",
        [.p: [.clone(.c, [.uts])], .c: [.exit], .q: [.setns(.c, [.uts])]],
        losses: [.init(task: .p, call: 0)]),
    ]
  }

  private var starts: [ModelWorld] {
    [
      world(
        "the tracer comes in the middle of an unshare",
        [.p: [.unshare([.uts]), .unshare([.uts])], .q: [.setns(.p, [.uts])]], start: .meanwhile),
      world(
        "the tracer comes while a number is given on",
        [.p: [.unshare([.uts])], .q: [.unshare([.uts])]],
        opening: [(.p, .unshare([.uts]))], start: .meanwhile),
      world(
        "the tracer comes while a task is born",
        [.p: [.clone(.c, [.uts])], .c: [.exit], .q: [.setns(.c, [.uts])]], start: .meanwhile),
    ]
  }
}
