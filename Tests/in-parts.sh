#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs all tests in several processes at once, which share a busy machine better than one: those that need the kernel
# in one, the others by the first letter of their suite. Fails if a part does, or if the parts are not all tests.
#
# Usage: in-parts.sh PROGRAM LOGS
#   PROGRAM: the built tests
#   LOGS: a directory for the output of each part
set -euo pipefail
program=$1 logs=$2
mkdir -p "$logs"
others=('[A-C]' '[D-F]' '[G-N]' '[O-R]' '[S-Z]')
pids=()

# part NAME ARGUMENT...: starts a part.
part() {
  "$program" --testing-library swift-testing "${@:2}" >"$logs/$1" 2>&1 &
  pids+=($!)
}

part live --filter '^NSTraceTests\.LiveTests'
for letters in "${others[@]}"; do
  part "$letters" --filter "^NSTraceTests\.$letters" --skip '^NSTraceTests\.LiveTests'
done
status=0
for pid in "${pids[@]}"; do wait "$pid" || status=1; done
grep -h 'Test run with' "$logs"/* || true
ran=$(sed -n 's/.*Test run with \([0-9]*\) tests.*/\1/p' "$logs"/* | awk '{ sum += $1 } END { print sum }')
all=$("$program" --testing-library swift-testing --list-tests | grep -c '^NSTraceTests\.')
echo "$ran of $all tests"
((ran == all)) || status=1
exit $status
