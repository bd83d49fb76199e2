#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails on public declarations without a comment, and prints how many types and declarations each module has.

usage: documented.py DIRECTORY...

Each DIRECTORY has the symbol graphs that the compiler writes of a module. A protocol's requirement is documented in the
protocol, and not again in the types that conform to it. Cases that only spell a word of the kernel or of a record have none.
"""

import glob
import json
import sys

TYPES = {"swift.struct", "swift.enum", "swift.class", "swift.protocol", "swift.typealias"}
# Witnesses that every reader of Swift knows.
KNOWN = {"==(_:_:)", "<(_:_:)", "hash(into:)", "description", "init(rawValue:)", "rawValue", "allCases"}


def read(directory):
    """The module's symbols, and the names of those that answer a protocol's requirement."""
    symbols, witnesses = [], set()
    for path in glob.glob(f"{directory}/*.symbols.json"):
        with open(path, encoding="utf-8") as graph:
            content = json.load(graph)
        symbols += content["symbols"]
        for relation in content["relationships"]:
            if relation["kind"] == "defaultImplementationOf" or "sourceOrigin" in relation:
                witnesses.add(relation["source"])
    return symbols, witnesses


def is_plain_case(symbol):
    """A case without values."""
    return symbol["kind"]["identifier"] == "swift.enum.case" and "(" not in symbol["pathComponents"][-1]


def main():
    undocumented = []
    for directory in sys.argv[1:]:
        symbols, witnesses = read(directory)
        own = [one for one in symbols if "::SYNTHESIZED::" not in one["identifier"]["precise"]]
        types = [one for one in own if one["kind"]["identifier"] in TYPES and len(one["pathComponents"]) == 1]
        print(f"{directory.rsplit('/', 1)[-1]}: {len(types)} public types, {len(own)} public declarations")
        for one in own:
            is_known = one["pathComponents"][-1] in KNOWN or one["identifier"]["precise"] in witnesses
            if "docComment" not in one and not is_known and not is_plain_case(one):
                undocumented.append(".".join(one["pathComponents"]))
    for name in undocumented:
        print(f"without a comment: {name}", file=sys.stderr)
    sys.exit(1 if undocumented else 0)


if __name__ == "__main__":
    main()
