#!/usr/bin/python3 -B
# SPDX-License-Identifier: Apache-2.0
"""Writes the kernel's audit records to a file, as auditd spells them, until SIGTERM.

usage: collect.py FILE

Listens on the multicast group of netlink AUDIT, which delivers with or without auditd, but only in the
initial network namespace. Prints `listening` once no record can be missed. Exit status: 0, or 1 if the
socket's buffer overflowed, so that records are missing.
"""

import errno
import signal
import socket
import struct
import sys

NETLINK_AUDIT = 9
AUDIT_NLGRP_READLOG = 1
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
SO_RCVBUFFORCE = 33
BUFFER_BYTES = 64 << 20
HEADER = struct.Struct("=LHHLL")

# The records of the four calls and of execve. EOE only ends an event, so it is left out.
NAMES = {1300: "SYSCALL", 1302: "PATH", 1307: "CWD", 1309: "EXECVE", 1327: "PROCTITLE"}


class Stop(Exception):
    """SIGTERM has come."""


def on_term(_number, _frame):
    raise Stop


def listen():
    connection = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
    connection.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
    connection.bind((0, 0))
    connection.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, AUDIT_NLGRP_READLOG)
    return connection


def copy(connection, output, flags=0):
    """Copies records until Stop; with MSG_DONTWAIT until none is left."""
    while True:
        try:
            message = connection.recv(1 << 16, flags)
        except BlockingIOError:
            return
        # One message is one datagram. Audit's length field does not count the header, so it is not used.
        kind = HEADER.unpack_from(message)[1]
        if kind in NAMES:
            text = message[HEADER.size:].rstrip(b"\0\n")
            output.write(b"type=%s msg=%s\n" % (NAMES[kind].encode(), text))


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: collect.py FILE")
    signal.signal(signal.SIGTERM, on_term)
    try:
        with open(sys.argv[1], "wb") as output, listen() as connection:
            print("listening", flush=True)
            try:
                copy(connection, output)
            except Stop:
                copy(connection, output, socket.MSG_DONTWAIT)
    except OSError as error:
        if error.errno == errno.ENOBUFS:
            sys.exit("collect.py: the socket's buffer has overflowed; records are missing")
        sys.exit(f"collect.py: {error}")


if __name__ == "__main__":
    main()
