# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by the scripts that print rows of the table of `make bench`.

# row FIGURE OURS OTHERS RATIO GOAL MET
row() { printf '%-34s %12s  %-28s %6s  %-22s %s\n' "$@"; }

# median, range: of the numbers on standard input.
median() { sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
range() { sort -g | awk 'NR == 1 { low = $1 } { high = $1 } END { print low " to " high }'; }
