#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A reader of standard output sleeps (60 s, or SECONDS) while others make events; registrations are
# timed, and the log, the dump and what the reader gets are compared. Then the same with a full disk.
#
# Usage: outputs-apart.sh NSTRACE NSACTOR [SECONDS]
# A registration may take REGISTER_MS (100) milliseconds, the start of its program included.
set -euo pipefail
nstrace=$1 nsactor=$2 seconds=${3:-60}
place=$(mktemp -d)
cd "$place"

clean_up() {
  [ ! -e pid ] || kill -KILL "$(cat pid)" 2>/dev/null || true
  umount disk 2>/dev/null || umount -l disk 2>/dev/null || true
  rm -rf "$place"
}
trap clean_up EXIT
audit=(--format audit --type-base 1390)

fail() { echo "FAILED: $*" >&2; exit 1; }

# Waits until file $1 contains $2.
await() {
  local end=$((SECONDS + 30))
  until grep -qF -- "$2" "$1" 2>/dev/null; do
    [ $SECONDS -lt $end ] || fail "no '$2' in $1: $(tail -n 3 "$1")"
    sleep 0.05
  done
}

# Ends the tracer.
stop() {
  kill -INT "$(cat pid)"
  rm pid
}

# The sum of the counts in NS_LOST of cause $2 in file $1.
lost() { { grep -a " cause=$2 " "$1" || true; } | sed -n 's/.* lost="\([0-9]*\)".*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }

# How many milliseconds a registration takes.
register() {
  local began
  sleep 300 & local target=$!
  began=$(date +%s%N)
  "$nstrace" register --control control.sock --pid $target --random >/dev/null
  echo $((($(date +%s%N) - began) / 1000000))
  kill $target
}

echo "a reader that sleeps for $seconds s"
{
  # shellcheck disable=SC2016 # for sh
  sh -c 'echo $$ >pid; exec "$@"' sh "$nstrace" --follow --no-keep "${audit[@]}" --audit-log log --record dump \
    --control control.sock 2>errors || echo "status $?" >>errors
} | { sleep "$seconds"; cat; } >printed &
pipe=$!
await errors 'nstrace: following'
end=$((SECONDS + seconds - 5)) slowest=0
# At least as much as shows that records are missing.
while [ $SECONDS -lt $end ] || ! grep -q 'is not read in time' errors; do
  "$nsactor" storm 2000
  took=$(register)
  [ "$took" -le "$slowest" ] || slowest=$took
  [ $SECONDS -lt $((end + 5)) ] || fail "too little was made in time for the reader to miss any"
done
await errors 'standard output is not read in time'
await errors 'standard output takes records again'
"$nsactor" storm 1
stop
wait $pipe
logged=$(wc -l <log)
missing=$(lost printed stdout)
marks=$(grep -ac ' cause=stdout ' printed)
"$nstrace" replay "${audit[@]}" dump >replayed
cmp log replayed || fail "the dump does not replay to the log"
# Each mark is an event: SYSCALL and NS_LOST.
[ $(($(wc -l <printed) - 2 * marks + missing)) = "$logged" ] || fail "printed and missing are not what was logged"
grep -q ' 0 lost$' errors || fail "$(cat errors)"
[ "$slowest" -lt "${REGISTER_MS:-100}" ] || fail "a registration took $slowest ms"
echo "$logged records logged; $missing of them missing in standard output, told at $marks places"
echo "the slowest registration took $slowest ms, with the start of its program"

echo "a full disk, and room again"
mkdir disk
mount -t tmpfs -o size=32K none disk
sh -c 'echo $$ >pid; exec "$@"' sh "$nstrace" --follow --no-keep "${audit[@]}" --audit-log disk/log \
  --control control.sock >printed 2>errors &
follower=$!
await errors 'nstrace: following'
while [ "$(wc -c <printed)" -lt $((4 << 20)) ]; do "$nsactor" storm 1000; done
await errors 'No space left on device'
[ "$(tail -c 1 disk/log | od -An -c | tr -d ' ')" = '\n' ] || fail "half a line"
mount -o remount,size=64M disk
await errors 'takes records again'
"$nsactor" storm 1
stop
wait $follower || fail "status $?: $(cat errors)"
missing=$(lost disk/log log)
[ $(($(wc -l <disk/log) - 2 + missing)) = "$(wc -l <printed)" ] || fail "logged and missing are not what was printed"
echo "$(wc -l <printed) records printed; $missing of them missing in the log, told at one place"

echo "a full disk and --on-full stop"
umount disk
mount -t tmpfs -o size=32K none disk
"$nstrace" --follow --no-keep --format none --audit-log disk/log --on-full stop --control control.sock 2>errors &
follower=$!
await errors 'nstrace: following'
"$nsactor" storm 1000
status=0
wait $follower || status=$?
[ $status = 1 ] || fail "status $status: $(cat errors)"
echo "status 1"
