#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Compares SYSCALL and PROCTITLE records of the kernel with those of nstrace, field by field.

usage: compare.py --minimum N --hooks TIER --login-uids FIRST-LAST --results FILE KERNEL OURS

KERNEL holds what the rules of oracle.sh gave; OURS is what `nstrace --follow --format audit` wrote meanwhile.
FILE names the scenarios that ran, in the order of their login uids. Records belong together by login uid,
session, process, architecture and system call. Among those of one key, equal ones belong together first, and
the others in their order: a record names its process but not its thread, so that two threads' calls cannot be
told apart by their names alone. docs/fidelity.md says what is compared and what is not.
"""

import argparse
import collections
import os
import sys

NEW_TIME = 0x80
NEW_CLONE = 0x7E020000  # all that clone(2) can ask for
NEW_ALL = NEW_CLONE | NEW_TIME

NATIVE, COMPAT = "c000003e", "40000003"
CALLS = {
    NATIVE: {"56": "clone", "57": "fork", "58": "vfork", "59": "execve", "272": "unshare",
             "308": "setns", "322": "execveat", "435": "clone3"},
    COMPAT: {"2": "fork", "11": "execve", "120": "clone", "190": "vfork", "310": "unshare",
             "346": "setns", "358": "execveat", "435": "clone3"},
}
# The flags that make a call one about namespaces. Of the others the kernel's record alone does not say it.
ASKING = {"unshare": NEW_ALL, "clone": NEW_CLONE}

COMPARED = ("arch syscall success exit a0 a1 a2 a3 items ppid pid auid uid gid euid suid fsuid egid sgid "
            "fsgid tty ses comm exe proctitle").split()
# Each writes its own, or none.
NOT_COMPARED = {"key", "subj", "record", "type", "msg"}
# By the time an exec is told the new program has overwritten its arguments; and paths that a call has looked up
# are counted by the kernel: those of an exec, and the root of a mount namespace that setns enters.
NOT_OF_EXEC = {"a0", "a1", "a2", "a3", "items"}
NOT_OF = {"execve": NOT_OF_EXEC, "execveat": NOT_OF_EXEC, "setns": {"items"}}

CUT = b"..."
# MAX_PROCTITLE_AUDIT_LEN of the kernel's audit, and of nstrace.
PROCTITLE_BYTES = 128


class Record:
    """One SYSCALL record with the command line of its event."""

    def __init__(self, stamp, fields):
        self.stamp = stamp
        self.fields = fields
        self.call = CALLS.get(fields["arch"], {}).get(fields["syscall"], fields["syscall"])
        self.partner = None
        # The command line is one from before the task's last exec.
        self.is_stale = False

    @property
    def key(self):
        return tuple(self.fields[name] for name in ("auid", "ses", "pid", "arch", "syscall"))

    @property
    def login_uid(self):
        return int(self.fields["auid"])

    @property
    def is_by_rule(self):
        """Asked for by a rule of oracle.sh. The kernel also tells of calls that change audit itself."""
        return self.fields.get("key", "").startswith('"nstrace-oracle')

    @property
    def is_compat(self):
        return self.fields["arch"] == COMPAT

    @property
    def is_interrupted(self):
        """The call gives way to a signal and is made again; audit spells all reasons for that EINTR."""
        return self.fields["exit"] == "-4" and self.call in ("clone", "clone3", "fork", "vfork")

    @property
    def asks(self):
        """nstrace must have a record of it."""
        return self.call == "setns" or bool(int(self.fields["a0"], 16) & ASKING.get(self.call, 0))

    def compared(self, other):
        left_out = NOT_OF.get(self.call, set()) | ({"proctitle"} if other.is_stale else set())
        return [name for name in COMPARED if name not in left_out]

    def differing(self, other):
        return [name for name in self.compared(other) if not self.agrees(other, name)]

    def agrees(self, other, name):
        mine, theirs = self.fields.get(name), other.fields.get(name)
        if name == "exe" and mine and decoded(mine).startswith(CUT):
            return decoded(theirs).endswith(decoded(mine)[len(CUT):])
        if name == "proctitle" and mine and len(decoded(mine)) == PROCTITLE_BYTES + len(CUT):
            # The kernel cuts there, too, without a mark, and then its end as of all.
            return decoded(mine)[:PROCTITLE_BYTES].startswith(decoded(theirs)) and decoded(mine).endswith(CUT)
        return mine == theirs

    def __str__(self):
        return " ".join(f"{name}={self.fields[name]}" for name in COMPARED if name in self.fields)


def decoded(value):
    """The bytes of text that is quoted, or hexadecimal."""
    if value.startswith('"'):
        return value[1:-1].encode()
    try:
        return bytes.fromhex(value)
    except ValueError:
        return value.encode()


def read(lines, login_uids):
    """The SYSCALL records of these login uids, in their order, and the names of all their fields."""
    records, by_stamp, names = [], {}, set()
    for line in lines:
        words = line.split()
        if not words or words[0] not in ("type=SYSCALL", "type=PROCTITLE"):
            continue
        stamp = words[1]
        fields = dict(word.split("=", 1) for word in words[2:])
        if words[0] == "type=PROCTITLE":
            if stamp in by_stamp:
                by_stamp[stamp].fields["proctitle"] = fields["proctitle"]
        elif int(fields["auid"]) in login_uids:
            # As the kernel spells one that cannot be read; nstrace then has no record of it.
            record = Record(stamp, {"proctitle": "(null)", **fields})
            records.append(record)
            by_stamp[stamp] = record
            names |= fields.keys()
    return records, names


def mark_stale(kernel):
    """Marks the kernel's records whose command line is not to be believed.

    Audit reads a task's command line for the first record of the task, and keeps it: it does not become the
    new program's. Of a process whose first record is not of this exec, all that follow it are left out.
    """
    first, changed = {}, set()
    for record in kernel:
        process = (record.fields["ses"], record.fields["pid"])
        is_first = first.setdefault(process, record) is record
        if not is_first and record.call in ("execve", "execveat") and record.fields["success"] == "yes":
            changed.add(process)
        record.is_stale = process in changed


def pair(kernel, ours):
    """Gives each of ours its partner."""
    groups = collections.defaultdict(list)
    for record in kernel:
        groups[record.key].append(record)
    left = []
    for record in ours:
        if not join(record, groups[record.key], lambda count: count == 0):
            left.append(record)
    for record in left:
        join(record, groups[record.key], lambda count: True)


def join(record, candidates, is_close):
    free = [other for other in candidates if other.partner is None]
    best = min(free, key=lambda other: len(record.differing(other)), default=None)
    if best is None or not is_close(len(record.differing(best))):
        return False
    record.partner, best.partner = best, record
    return True


class Exceptions:
    """Calls of which by design only one side has a record: SCENARIO TIER SIDE CALL COUNT REASON lines."""

    def __init__(self, hooks, scenarios):
        self.left = {}
        self.reasons = {}
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "exceptions")
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.strip() and not line.startswith("#"):
                    scenario, tier, side, call, count, reason = line.split(None, 5)
                    if scenario in scenarios and tier in ("any", hooks):
                        self.left[scenario, side, call] = int(count)
                        self.reasons[scenario, side, call] = reason.strip()

    def take(self, scenario, side, call):
        """The reason why this one is alone; None when it should not be."""
        if self.left.get((scenario, side, call), 0) == 0:
            return None
        self.left[scenario, side, call] -= 1
        return self.reasons[scenario, side, call]

    def unused(self):
        return [f"{scenario}: {count} {call} more" for (scenario, _, call), count in self.left.items() if count]


class Report:
    """What there is to say, and how much of it is a fault."""

    def __init__(self):
        self.faults = 0
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def fault(self, text):
        self.faults += 1
        self.say(text)

    def table(self, title, counter):
        if counter:
            self.say(f"{title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counter.items())))


def judge_alone(records, side, place_of, exceptions, report):
    """Of those without a partner: what may be alone is counted, anything else is a fault."""
    apart = collections.Counter()
    for record in records:
        scenario = place_of(record)
        reason = exceptions.take(scenario, side, record.call)
        if reason:
            apart[f"{reason} ({record.call})"] += 1
        else:
            other = "nstrace" if side == "kernel" else "the kernel"
            report.fault(f"missing from {other} ({scenario}, {record.call}): {record}")
    return apart


def compare_pairs(ours, place_of, report):
    """How many records and values were compared, and by call."""
    values, differing, by_call = 0, 0, collections.Counter()
    for record in ours:
        if record.partner is None:
            continue
        values += len(record.compared(record.partner))
        by_call[record.call] += 1
        for name in record.differing(record.partner):
            differing += 1
            report.fault(
                f"differs ({place_of(record)}, {record.call}, pid {record.fields['pid']}): {name}: "
                f"kernel {record.partner.fields.get(name)}, nstrace {record.fields.get(name)}")
    return values, differing, by_call


def scenarios_of(path, first):
    """The scenarios by login uid."""
    with open(path, encoding="utf-8") as lines:
        return {first + 1 + index: line.split()[0] for index, line in enumerate(lines)}


def parse(text):
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("--minimum", type=int, required=True)
    parser.add_argument("--hooks", choices=("tracepoint", "fentry"), required=True)
    parser.add_argument("--login-uids", required=True)
    parser.add_argument("--results", required=True)
    parser.add_argument("kernel")
    parser.add_argument("ours")
    arguments = parser.parse_args()
    first, last = map(int, arguments.login_uids.split("-"))
    arguments.login_uids = range(first, last + 1)
    return arguments


class Comparison:
    """All that is compared of one run."""

    def __init__(self, kernel_lines, our_lines, arguments):
        self.arguments = arguments
        self.report = Report()
        self.scenarios = scenarios_of(arguments.results, arguments.login_uids.start)
        kernel, kernel_names = read(kernel_lines, arguments.login_uids)
        self.ours, our_names = read(our_lines, arguments.login_uids)
        for name in sorted((kernel_names | our_names) - set(COMPARED) - NOT_COMPARED):
            self.report.fault(f"a field that nobody compares: {name}")
        mark_stale(kernel)
        self.kernel = [record for record in kernel if record.is_by_rule]
        pair(self.kernel, self.ours)
        self.judge()

    def place_of(self, record):
        return self.scenarios.get(record.login_uid, "the end")

    def judge(self):
        values, differing, by_call = compare_pairs(self.ours, self.place_of, self.report)
        self.report.table("compared", by_call)
        self.judge_alone()
        stale = sum(record.partner.is_stale for record in self.ours if record.partner)
        if stale:
            self.report.say(f"command lines from before the task's last exec, not compared: {stale}")
        count = sum(by_call.values())
        if count < self.arguments.minimum:
            self.report.fault(f"only {count} records could be compared; {self.arguments.minimum} are wanted")
        self.report.say(
            f"{len(self.kernel)} records of the kernel, {len(self.ours)} of nstrace: {count} compared, "
            f"{values} values; {differing} differ; {self.report.faults} faults")

    def judge_alone(self):
        """Those that have no partner."""
        exceptions = Exceptions(self.arguments.hooks, set(self.scenarios.values()))
        sees_compat = self.arguments.hooks == "fentry"
        counted = collections.defaultdict(collections.Counter)
        rest = []
        for record in self.kernel:
            if record.partner or not record.asks:
                continue
            if record.is_compat and not sees_compat:
                counted["32-bit calls, which no tracepoint shows"][record.call] += 1
            elif record.is_interrupted:
                counted["given way to a signal, and made again"][record.call] += 1
            else:
                rest.append(record)
        alone = [record for record in self.ours if record.partner is None]
        told = judge_alone(rest, "kernel", self.place_of, exceptions, self.report)
        told += judge_alone(alone, "ours", self.place_of, exceptions, self.report)
        counted["told by one side alone, by design"] = told
        for title, counter in counted.items():
            self.report.table(title, counter)
        for text in exceptions.unused():
            self.report.fault(f"stated as told by one side alone, and not so: {text}")


def lines_of(path):
    with open(path, encoding="latin-1") as lines:
        return list(lines)


def main():
    arguments = parse(__doc__)
    comparison = Comparison(lines_of(arguments.kernel), lines_of(arguments.ours), arguments)
    print("\n".join(comparison.report.lines))
    sys.exit(1 if comparison.report.faults else 0)


if __name__ == "__main__":
    main()
