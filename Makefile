# SPDX-License-Identifier: Apache-2.0
#
# The only entry point: `make help` lists what there is. Linux only.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
# The clang beside swift has the BPF target; so has Debian's.
CLANG ?= $(dir $(realpath $(shell command -v swift)))clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
# The Swift runtime goes into the program: it runs where no toolchain is. What it depends on is
# fetched by setup-build, and here by nothing.
SWIFT_BUILD ?= swift build -c release --static-swift-stdlib --disable-automatic-resolution --product nstrace
NSTRACE := .build/release/nstrace
# What another version is to a keeper.
OTHER := .build/other/nstrace
# Scenarios start it hundreds of times, in guests on an emulated processor: no runtime, no libraries.
NSACTOR := .build/actor/nsactor
SANDBOXES := $(addprefix Sources/CLinux/,sandbox.c seccomp.c landlock.c attendant.c attendant_requests.c attendant_sandbox.c audit_netlink.c audit_sender.c audit_trail.c audit_sandbox.c)
STORM := .build/bench/storm
AUDIT_BENCH := .build/bench/audit
# As root, or through sudo.
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)

# Another version of clang-format formats otherwise: by name.
CLANG_FORMAT ?= clang-format-14

BUILD_PACKAGES := libbpf-dev libelf-dev zlib1g-dev libsqlite3-dev bpftool
# What the live tests trace, and compare with.
TEST_PACKAGES := auditd bubblewrap busybox-static gawk iproute2 laurel libcap2-bin mount python3-audit \
  podman python3-jsonschema runc stress-ng strace systemd tmux util-linux
# What `make runtimes` runs besides.
RUNTIME_PACKAGES := containerd lxc
LINT_PACKAGES := clang-format-14 python3 shellcheck
BENCH_PACKAGES := libbpf-tools linux-perf time
# What the scenes in guests need besides what guest.sh installs.
GUEST_PACKAGES := bubblewrap crun

# Below PREFIX.
UNITS := nstrace.service nstrace-keeper.service
INSTALLED := sbin/nstrace share/nstrace/hooks.d/nstrace.json share/nstrace/plugins.d/nstrace.conf $(UNITS:%=lib/systemd/system/%) \
  share/man/man8/nstrace.8

SETUPS := build test runtimes guests lint bench

# All cases of Tests/Runtimes, if none are named.
RUNTIMES ?=
# All of them, if none are named. KERNELS='6.1 6.12:full rt': on these, and not on those that a scene names.
SCENES ?=

ORACLE_EVENTS ?= 1000000
# All scenarios, if none are named; and how many records must have been compared at least.
AUDIT_SCENARIOS ?=
AUDIT_RECORDS ?= 500
# How many short processes `make audit-events` has in containers.
AUDIT_PROCESSES ?= 10000
FLOOD_REST ?= 60
# All of them, if none are named: threads users setns moves renames cgroups.
FLOODS ?=
EXPLORER_MINUTES ?= 10
KEEPER_ROUNDS ?= 100
FUZZ_SECONDS ?= 60

BPF_SOURCES := $(wildcard bpf/*.h bpf/*.c) $(wildcard Sources/CNSWire/include/*.h)
BPF_FLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror \
  -D__TARGET_ARCH_x86 -I/usr/include/$(shell uname -m)-linux-gnu -ISources/CNSWire/include
SKELETON := Sources/CBPF/nsevents.skel.h
KEEPER_SKELETON := Sources/CBPF/keeper.skel.h
SKELETONS := $(SKELETON) $(KEEPER_SKELETON)
SWIFT_SOURCES := Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources \
  Fuzz/Package.swift Fuzz/Sources/nstrace-fuzz Examples/*/Package.swift Examples/*/Sources

C_SOURCES = $(shell find bpf Sources Tests Benchmarks -name .build -prune -o -name '*.[ch]' $(SKELETONS:%=-not -path %) -print)
# By their suffix, or by their first line.
HASH := \#
SCRIPTS = .ci Benchmarks Examples Fuzz Tests packaging
SHELL_SCRIPTS = $(sort $(shell find $(SCRIPTS) -name .build -prune -o -name '*.sh' -print) \
  $(shell grep -rlIE --exclude-dir=.build '^$(HASH)!.*[/ ](ba|da)?sh( |$$)' $(SCRIPTS)))

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(SETUPS:%=setup-%) ## install what building, testing and measuring need: nothing else installs anything

.PHONY: run
run: setup-build build ## install what is missing, build, and follow all namespaces until ^C (root or sudo)
	$(AS_ROOT) $(NSTRACE) --follow

.PHONY: build
build: $(SKELETONS) ## build the program: .build/release/nstrace
	$(SWIFT_BUILD)

.PHONY: test
test: setup-build setup-test $(SKELETONS) ## all tests; the live ones need root and are skipped otherwise
	swift build --build-tests
	@mkdir -p .build
	swift test --skip-build 2>&1 | tee .build/test.log || { $(FAILURES); exit 1; }

.PHONY: durability
durability: setup-build setup-test $(SKELETONS) ## kill a recording 200 times, and stop a reader for 10 s
	swift build --build-tests
	NSTRACE_KILLS=200 NSTRACE_PAUSE=10 swift test --skip-build --filter 'DurabilityTests|LossAccountTests'

.PHONY: audit-trail
audit-trail: setup-build setup-test $(SKELETONS) ## --to-audit with the kernel's audit and auditd, as root: audit contexts stay until a restart
	swift build --build-tests
	NSTRACE_AUDIT_TRAIL=1 swift test --skip-build --filter AuditTrailTests

.PHONY: test-busy
test-busy: setup-build setup-test $(SKELETONS) ## all tests beside 20 busy processes a core, as root: most of an hour
	swift build --build-tests
	@mkdir -p .build
	rm -rf .build/busy
	Tests/busy.sh Tests/in-parts.sh .build/debug/nstracePackageTests.xctest .build/busy || \
	  { cat .build/busy/* >.build/test.log; $(FAILURES); exit 1; }

.PHONY: outputs
outputs: setup-build build $(NSACTOR) ## a reader of standard output asleep for 60 s, and full disks, as root
	$(AS_ROOT) Tests/outputs-apart.sh $(abspath $(NSTRACE)) $(abspath $(NSACTOR))

.PHONY: test-guests
test-guests: setup-build setup-test setup-guests build other $(NSACTOR) ## play Tests/VM/scenes, or SCENES of them, in guests
	Tests/VM/play-scenes.sh $(NSTRACE) $(NSACTOR) $(SCENES:%=Tests/VM/scenes/%.sh)

.PHONY: scenarios
scenarios: setup-build setup-test build $(NSACTOR) ## play Tests/Scenarios here, as root: real programs and the exact records of each
	rm -f .build/scenarios
	$(AS_ROOT) Tests/Scenarios/play.sh --results .build/scenarios $(NSTRACE) $(NSACTOR)

.PHONY: floods
floods: setup-build setup-test build $(NSACTOR) ## nobody's floods, or FLOODS of them, beside 1,000 calls of root, as root: what is recorded, and the memory FLOOD_REST (60) seconds later
	$(AS_ROOT) Tests/Floods/play.sh $(NSTRACE) $(NSACTOR) $(FLOOD_REST) $(FLOODS)

.PHONY: keeper-rounds
keeper-rounds: setup-build setup-test setup-runtimes other ## end the tracer KEEPER_ROUNDS (100) times beside containers, as root: what outlives it
	$(AS_ROOT) Tests/Keeper/rounds.sh $(NSTRACE) $(OTHER) $(KEEPER_ROUNDS) runc

.PHONY: other
other: build
	@mkdir -p $(dir $(OTHER))
	Tests/Keeper/other.py $(NSTRACE) $(OTHER)

.PHONY: runtimes
runtimes: setup-build setup-test setup-runtimes build ## real runtimes and trees of cgroups as absent ones make them, as root: which containers are found
	$(AS_ROOT) Tests/Runtimes/play.py $(NSTRACE) $(RUNTIMES)

.PHONY: fidelity
fidelity: ## write the table in docs/fidelity.md from what scenarios and test-guests found
	Tests/Scenarios/table.sh docs/fidelity.md .build/scenarios .build/scenes/scenarios-*/results

.PHONY: oracle
oracle: setup-build $(SKELETONS) ## the tracker against a naive model: ORACLE_EVENTS (a million) of each kind of stream
	NSTRACE_ORACLE_EVENTS=$(ORACLE_EVENTS) \
	  swift test --scratch-path .build/oracle -Xswiftc -O --filter OracleTests

.PHONY: oracle-audit
oracle-audit: setup-build setup-test build $(NSACTOR) ## nstrace against the kernel's own audit, as root: AUDIT_RECORDS (500) of them at least
	$(AS_ROOT) Tests/Audit/oracle.sh --minimum $(AUDIT_RECORDS) $(NSTRACE) $(NSACTOR) $(AUDIT_SCENARIOS)

.PHONY: audit-events
audit-events: setup-build setup-test setup-runtimes build $(NSACTOR) ## the kernel's audit events with container IDs, beside the real auditd and as its plugin, as root: AUDIT_PROCESSES (10000) short ones
	$(AS_ROOT) Tests/Audit/events.py --processes $(AUDIT_PROCESSES) $(NSTRACE) $(NSACTOR)
	$(AS_ROOT) Tests/Audit/plugin.sh $(NSTRACE)

.PHONY: bench-audit
bench-audit: setup-build setup-test build $(AUDIT_BENCH) ## 30,000 audit events a second: what nstrace takes for each, beside a bare reader, as root
	$(AS_ROOT) Benchmarks/audit.sh $(NSTRACE) $(AUDIT_BENCH)

.PHONY: explore
explore: setup-build $(SKELETONS) ## what is said of effects that are reported later: EXPLORER_MINUTES (10) of interleavings for each kind of kernel
	NSTRACE_EXPLORER_MINUTES=$(EXPLORER_MINUTES) \
	  swift test --scratch-path .build/oracle -Xswiftc -O --filter ExplorerTests

.PHONY: fuzz
fuzz: setup-build $(SKELETONS) ## hostile input for FUZZ_SECONDS (60) each: wire, dumps and their cost, control socket, OCI state
	swift build --package-path Fuzz --scratch-path .build/fuzz --sanitize fuzzer --product nstrace-fuzz
	Fuzz/run.sh .build/fuzz/debug/nstrace-fuzz .build/fuzz/corpus $(FUZZ_SECONDS)

.PHONY: bench
bench: setup-build setup-test setup-bench build $(NSACTOR) $(STORM) ## measure, side by side with others; minutes
	@Benchmarks/run.sh $(abspath $(NSTRACE))
	@$(AS_ROOT) Benchmarks/live.sh $(abspath $(NSTRACE)) $(abspath $(STORM)) $(abspath $(NSACTOR))
	@$(AS_ROOT) Benchmarks/keeper.sh $(abspath $(NSTRACE)) $(abspath $(STORM)) $(abspath $(NSACTOR))
	@Benchmarks/guest.sh $(abspath $(NSTRACE)) $(abspath $(STORM))

.PHONY: examples
examples: setup-build $(SKELETONS) ## build the packages in Examples, and run them: on a fixture, and as root on the kernel
	swift run --package-path Examples/CountNamespaces --scratch-path .build/examples count-namespaces \
	  Tests/NSTraceTests/Fixtures/containers-6.12.nsdump
	swift build --package-path Examples/FollowNamespaces --scratch-path .build/examples-live --product follow-namespaces
	$(AS_ROOT) Examples/follow.sh .build/examples-live/debug/follow-namespaces

.PHONY: docs
docs: setup-build ## the documentation of the libraries, by DocC, into .build/docs; warnings are errors
	Tests/docs.sh

.PHONY: layers
layers: setup-build setup-lint ## each folder of Sources/NSTrace uses only those before it
	Tests/layers.sh

.PHONY: lint
lint: setup-lint layers ## layers, formatting and style of Swift, C and shell scripts, warnings are errors
	swift format lint --strict --recursive $(SWIFT_SOURCES)
	$(CLANG_FORMAT) --dry-run -Werror $(C_SOURCES)
	shellcheck $(SHELL_SCRIPTS)

.PHONY: format
format: setup-lint ## put the Swift and C sources into the house format
	swift format --in-place --recursive $(SWIFT_SOURCES)
	$(CLANG_FORMAT) -i $(C_SOURCES)

.PHONY: check
check: format lint build test ## what must pass before a commit

.PHONY: install
install: ## install the program that was built, its manual, its hook, its plugin and its units below PREFIX (/usr/local)
	@[ -x $(NSTRACE) ] || { echo "nothing to install: run make build first" >&2; exit 1; }
	$(AS_ROOT) install -D -m 0755 $(NSTRACE) $(DESTDIR)$(PREFIX)/sbin/nstrace
	sed 's|/usr/local|$(PREFIX)|' packaging/hooks.d/nstrace.json | $(AS_ROOT) install -D -m 0644 \
	  /dev/stdin $(DESTDIR)$(PREFIX)/share/nstrace/hooks.d/nstrace.json
	sed 's|/usr/local|$(PREFIX)|' packaging/plugins.d/nstrace.conf | $(AS_ROOT) install -D -m 0644 \
	  /dev/stdin $(DESTDIR)$(PREFIX)/share/nstrace/plugins.d/nstrace.conf
	for unit in $(UNITS); do sed 's|/usr/local|$(PREFIX)|' packaging/$$unit | $(AS_ROOT) install -D -m 0644 \
	  /dev/stdin $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit; done
	$(AS_ROOT) install -D -m 0644 docs/nstrace.8 $(DESTDIR)$(PREFIX)/share/man/man8/nstrace.8

.PHONY: uninstall
uninstall: ## remove what install has put below PREFIX (/usr/local), and the keeper; logs and a locked keeper stay, and all stays if a tracer registers
	@[ -n "$(DESTDIR)" ] || [ ! -x $(PREFIX)/sbin/nstrace ] || $(AS_ROOT) packaging/remove-keeper.sh $(PREFIX)/sbin/nstrace
	$(AS_ROOT) rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALLED))

.PHONY: fixtures
fixtures: setup-build setup-test build ## record Tests/NSTraceTests/Fixtures again, in guests of two kernels
	swift build --product nsactor
	Tests/VM/record-fixtures.sh $(NSTRACE) .build/debug/nsactor Tests/NSTraceTests/Fixtures

.PHONY: clean
clean: ## remove everything that was built
	rm -rf .build $(SKELETONS)

# A failure stands far above the end of thousands of lines: said again where it is looked for.
FAILURES := echo '--- What failed:'; grep -aE '✘|recorded an issue|↳|[Ff]atal error' .build/test.log | cut -c 1-600 | tail -n 60

# --- What is installed ---------------------------------------------------------------------------

# $(call install-missing,PACKAGES): nothing to do and no network when all are there.
define install-missing
@missing=$$(for p in $(1); do dpkg-query -Wf '$${Status}' $$p 2>/dev/null | grep -q '^install ok installed$$' || echo $$p; done); \
if [ -n "$$missing" ]; then \
  echo "installing" $$missing; \
  $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive bash -c "apt-get -q update && apt-get -qy --no-install-recommends install $$(echo $$missing)"; \
fi
endef

# Whoever asks for several at once (make -j) would have apt wait for itself.
.NOTPARALLEL:

.PHONY: $(SETUPS:%=setup-%)
setup-build:
	$(call install-missing,$(BUILD_PACKAGES))
	@swift package resolve
setup-test:
	$(call install-missing,$(TEST_PACKAGES))
setup-runtimes:
	$(call install-missing,$(RUNTIME_PACKAGES))
setup-guests:
	$(call install-missing,$(GUEST_PACKAGES))
setup-lint:
	$(call install-missing,$(LINT_PACKAGES))
setup-bench:
	$(call install-missing,$(BENCH_PACKAGES))

$(NSACTOR): $(wildcard Tests/Actors/*.[ch]) $(SANDBOXES)
	@mkdir -p $(@D)
	$(CLANG) -static -pthread -O1 -ffunction-sections -Wl,--gc-sections -Wall -Wextra -Werror -ISources/CNSWire/include -ISources/CLinux/include $(filter %.c,$^) -o $@

$(STORM) $(AUDIT_BENCH): .build/bench/%: Benchmarks/%.c
	@mkdir -p $(@D)
	$(CLANG) -static -O1 -Wall -Wextra -Werror $< -o $@

# --- The kernel side -----------------------------------------------------------------------------

# Whoever makes one needs both.
$(SKELETON): $(KEEPER_SKELETON)

Sources/CBPF/%.skel.h: $(BPF_SOURCES)
	@mkdir -p .build/bpf
	$(CLANG) $(BPF_FLAGS) -c bpf/$*.bpf.c -o .build/bpf/$*.o
	$(BPFTOOL) gen object .build/bpf/$*.linked.o .build/bpf/$*.o
	$(BPFTOOL) gen skeleton .build/bpf/$*.linked.o name $*_bpf > $@
