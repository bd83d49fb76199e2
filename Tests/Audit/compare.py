#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Compares SYSCALL and PROCTITLE records of the kernel with those of nstrace, field by field.

usage: compare.py --minimum N --hooks TIER --login-uids FIRST-LAST --results FILE KERNEL OURS

KERNEL holds the kernel's records by the rules of oracle.sh, OURS what `nstrace --follow --format audit` wrote
meanwhile. FILE names the scenarios that ran, in the order of their login uids. A pair of records has the same
login uid, session, process, architecture and system call. Of several records with these, equal ones are paired
first, and the others in their order: a record names its process but not its thread, so two threads' calls have
the same key. docs/fidelity.md says what is compared and what is not.
"""

import argparse
import collections
import os
import sys

NEW_TIME = 0x80
NEW_CLONE = 0x7E020000  # all CLONE_NEW* flags of clone(2)
NEW_ALL = NEW_CLONE | NEW_TIME

NATIVE, COMPAT = "c000003e", "40000003"
CALLS = {
    NATIVE: {"56": "clone", "57": "fork", "58": "vfork", "59": "execve", "272": "unshare",
             "308": "setns", "322": "execveat", "435": "clone3"},
    COMPAT: {"2": "fork", "11": "execve", "120": "clone", "190": "vfork", "310": "unshare",
             "346": "setns", "358": "execveat", "435": "clone3"},
}
# The flags by which a call is about namespaces. For other calls the kernel's record does not show that.
ASKING = {"unshare": NEW_ALL, "clone": NEW_CLONE}

COMPARED = ("arch syscall success exit a0 a1 a2 a3 items ppid pid auid uid gid euid suid fsuid egid sgid "
            "fsgid tty ses comm exe proctitle").split()
# Fields that each side fills in its own way, or only one side has.
NOT_COMPARED = {"key", "subj", "record", "type", "msg"}
# nstrace reports an exec when the new program has overwritten its arguments. `items` counts the paths that the
# kernel looked up: those of an exec, and the root of a mount namespace that setns enters.
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
        # Whether the command line is from before the task's last exec.
        self.is_stale = False

    @property
    def key(self):
        return tuple(self.fields[name] for name in ("auid", "ses", "pid", "arch", "syscall"))

    @property
    def login_uid(self):
        return int(self.fields["auid"])

    @property
    def is_by_rule(self):
        """Whether a rule of oracle.sh asked for the record. The kernel also records changes of audit itself."""
        return self.fields.get("key", "").startswith('"nstrace-oracle')

    @property
    def is_compat(self):
        return self.fields["arch"] == COMPAT

    @property
    def is_interrupted(self):
        """Whether a signal interrupted the call, which is then made again. Audit writes EINTR for all such errors."""
        return self.fields["exit"] == "-4" and self.call in ("clone", "clone3", "fork", "vfork")

    @property
    def asks(self):
        """Whether nstrace must have a record of the call."""
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
            # The kernel also cuts there, without a mark, and strips the end as of any command line.
            return decoded(mine)[:PROCTITLE_BYTES].startswith(decoded(theirs)) and decoded(mine).endswith(CUT)
        return mine == theirs

    def __str__(self):
        return " ".join(f"{name}={self.fields[name]}" for name in COMPARED if name in self.fields)


def decoded(value):
    """The bytes of a value that is quoted or hexadecimal."""
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
            # The kernel writes (null) for a command line that cannot be read; nstrace then writes no PROCTITLE.
            record = Record(stamp, {"proctitle": "(null)", **fields})
            records.append(record)
            by_stamp[stamp] = record
            names |= fields.keys()
    return records, names


def mark_stale(kernel):
    """Marks the kernel's records whose command line may be stale.

    Audit reads a task's command line for the task's first record and keeps it, even after an exec. If a
    process execs after its first record, the command lines from that exec on are not compared.
    """
    first, changed = {}, set()
    for record in kernel:
        process = (record.fields["ses"], record.fields["pid"])
        is_first = first.setdefault(process, record) is record
        if not is_first and record.call in ("execve", "execveat") and record.fields["success"] == "yes":
            changed.add(process)
        record.is_stale = process in changed


def pair(kernel, ours):
    """Gives each record of nstrace its partner of the kernel."""
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
    """The calls of which only one side has a record, by design. The lines are SCENARIO TIER SIDE CALL COUNT REASON."""

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
        """The reason why only this side has a record; None if there is none."""
        if self.left.get((scenario, side, call), 0) == 0:
            return None
        self.left[scenario, side, call] -= 1
        return self.reasons[scenario, side, call]

    def unused(self):
        return [f"{scenario}: {count} {call} more" for (scenario, _, call), count in self.left.items() if count]


class Report:
    """The lines of the report, and the number of faults among them."""

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
    """Counts the records without a partner that have a reason; the others are faults."""
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
    """Returns how many values were compared and how many differ, and the records compared by call."""
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
    """The comparison of one run."""

    def __init__(self, kernel_lines, our_lines, arguments):
        self.arguments = arguments
        self.report = Report()
        self.scenarios = scenarios_of(arguments.results, arguments.login_uids.start)
        kernel, kernel_names = read(kernel_lines, arguments.login_uids)
        self.ours, our_names = read(our_lines, arguments.login_uids)
        for name in sorted((kernel_names | our_names) - set(COMPARED) - NOT_COMPARED):
            self.report.fault(f"a field that is not compared: {name}")
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
        """Judges the records without a partner."""
        exceptions = Exceptions(self.arguments.hooks, set(self.scenarios.values()))
        sees_compat = self.arguments.hooks == "fentry"
        counted = collections.defaultdict(collections.Counter)
        rest = []
        for record in self.kernel:
            if record.partner or not record.asks:
                continue
            if record.is_compat and not sees_compat:
                counted["32-bit calls, which tracepoints do not see"][record.call] += 1
            elif record.is_interrupted:
                counted["interrupted by a signal and made again"][record.call] += 1
            else:
                rest.append(record)
        alone = [record for record in self.ours if record.partner is None]
        told = judge_alone(rest, "kernel", self.place_of, exceptions, self.report)
        told += judge_alone(alone, "ours", self.place_of, exceptions, self.report)
        counted["recorded by one side only, by design"] = told
        for title, counter in counted.items():
            self.report.table(title, counter)
        for text in exceptions.unused():
            self.report.fault(f"expected from one side only, and missing: {text}")


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
