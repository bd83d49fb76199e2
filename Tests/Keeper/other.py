#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes of an nstrace what another version is to a keeper: its program keep_birth is another one.

It returns 1 instead of 0, which the kernel does not look at. So it does the same, and its tag is another.

Usage: other.py NSTRACE OTHER
"""

import os
import struct
import sys

MAGIC = b"\x7fELF"
MACHINE_BPF = 247
SECTION_STRINGS = 3
MOV, MOV32, EXIT = 0xB7, 0xB4, 0x95
SECTION = b"tp_btf/task_newtask"
PROGRAM = b"\0keep_birth\0"


def find_objects(data):
    """The offsets of the BPF objects that a program carries."""
    at = data.find(MAGIC, 1)
    while at >= 0:
        if struct.unpack_from("<H", data, at + 18)[0] == MACHINE_BPF:
            yield at
        at = data.find(MAGIC, at + 1)


def find_sections(data, base):
    """(name, type, begin, end) of each section of an object."""
    (headers,) = struct.unpack_from("<Q", data, base + 40)
    size, count, names = struct.unpack_from("<HHH", data, base + 58)
    found = []
    for number in range(count):
        name, kind, _, _, offset, length = struct.unpack_from("<IIQQQQ", data, base + headers + number * size)
        found.append((name, kind, base + offset, base + offset + length))
    strings = found[names][2]
    return [(read_text(data, strings + name), kind, begin, end) for name, kind, begin, end in found]


def read_text(data, at):
    return bytes(data[at : data.index(b"\0", at)])


def find_result(data, base):
    """Where the program's result is set, as the last thing it does; None: it is another object."""
    sections = find_sections(data, base)
    if not any(kind == SECTION_STRINGS and PROGRAM in data[begin:end] for _, kind, begin, end in sections):
        return None
    (end,) = [end for name, _, _, end in sections if name == SECTION]
    setting, leaving = end - 16, end - 8
    if data[leaving] != EXIT or data[setting] not in (MOV, MOV32) or data[setting + 1 : leaving] != bytes(7):
        sys.exit("other.py: the program does not end as expected")
    return setting + 4


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], "rb") as file:
        data = bytearray(file.read())
    places = [place for place in (find_result(data, base) for base in find_objects(data)) if place]
    if len(places) != 1:
        sys.exit(f"other.py: the program was found {len(places)} times")
    data[places[0]] = 1
    with open(sys.argv[2], "wb") as file:
        file.write(data)
    os.chmod(sys.argv[2], 0o755)


main()
