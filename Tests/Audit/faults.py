#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Puts faults, one at a time, into a copy of the records, and checks that compare.py finds each.

usage: faults.py, with the arguments of compare.py and records that agree
"""

import sys

import compare


class Mutation:
    """One fault, in the records of nstrace or of the kernel."""

    def __init__(self, name, side, change):
        self.name = name
        self.side = side
        self.change = change

    def is_found(self, lines, arguments):
        changed = dict(lines)
        changed[self.side] = self.change(lines[self.side])
        if changed[self.side] == lines[self.side]:
            return False
        return compare.Comparison(changed["kernel"], changed["ours"], arguments).report.faults > 0


def altered(name, value):
    """Returns another value that the field could have."""
    if name == "success":
        return "no" if value == "yes" else "yes"
    if name in ("comm", "exe", "tty"):
        return '"x"'
    return value[:-1] + ("1" if value[-1] == "2" else "2")


def alter(record, name):
    """Returns a function that changes one field of one record, or the command line of its event."""
    wanted = "type=PROCTITLE" if name == "proctitle" else "type=SYSCALL"
    before = f" {name}={record.fields[name]}"
    after = f" {name}={altered(name, record.fields[name])}"

    def change(lines):
        return [
            (line.rstrip() + " ").replace(before + " ", after + " ", 1)
            if line.split()[:2] == [wanted, record.stamp] else line
            for line in lines
        ]

    return change


def remove(record):
    """Returns a function that removes one record."""
    return lambda lines: [line for line in lines if line.split()[:2] != ["type=SYSCALL", record.stamp]]


def add_field(lines):
    """Adds an unknown field to all records."""
    return [line.rstrip() + " new=1" if line.startswith("type=SYSCALL") else line for line in lines]


def mutations(comparison):
    pairs = [record for record in comparison.ours if record.partner]
    # A record of which all fields are compared.
    whole = next(record for record in pairs if record.call == "unshare" and not record.partner.is_stale)
    for name in compare.COMPARED:
        yield Mutation(f"another {name}", "ours", alter(whole, name))
    for call in sorted({record.call for record in pairs}):
        record = next(record for record in pairs if record.call == call)
        yield Mutation(f"the kernel has no {call}", "kernel", remove(record.partner))
        if record.partner.asks:
            yield Mutation(f"nstrace has no {call}", "ours", remove(record))
    yield Mutation("a field more", "kernel", add_field)


def main():
    arguments = compare.parse(__doc__)
    lines = {"kernel": compare.lines_of(arguments.kernel), "ours": compare.lines_of(arguments.ours)}
    comparison = compare.Comparison(lines["kernel"], lines["ours"], arguments)
    if comparison.report.faults:
        sys.exit("faults.py: these records do not agree")
    tried = list(mutations(comparison))
    missed = [mutation.name for mutation in tried if not mutation.is_found(lines, arguments)]
    for name in missed:
        print(f"not found: {name}")
    print(f"{len(tried)} faults put into a copy of the records, {len(tried) - len(missed)} found")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
