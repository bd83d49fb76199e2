#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/true
#
# kernel.ftrace_enabled=0 stops fexit programs without a word from the kernel: nstrace gives it, within a second.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh
# shellcheck source=../skips.sh
. /root/skips.sh

switch=/proc/sys/kernel/ftrace_enabled
centiseconds() { sed 's/\.//; s/ .*//' /proc/uptime; }
has_said() { grep -q "$1" /out/errors; }

# says PATTERN: waits until it is said, for a second at most.
says() {
  began=$(centiseconds)
  wait_until "$1" has_said "$1"
  took=$(($(centiseconds) - began))
  figures "$took centiseconds until it said: $1"
  [ "$took" -le 100 ] || fail "it took $took centiseconds"
}

# by OP: how many UTS namespaces are told as made so.
by() { count "^type=NS_CREATE .* op=$1 nstype=uts "; }
make_one() { /usr/bin/unshare -u /usr/bin/true; }

# Waits for the walk that mends the state; what is made then is told, beside the one from before, and the loss.
end_once_whole() {
  wait_until 'the state is whole again' grep -q 'resynced=1' /out/audit
  make_one
  settle
  end_follow
  [ "$(by unshare)" = 2 ] || fail 'it is not seen afterwards'
  expect 1 'type=NS_LOST .*lost="1" kind=switch .* resynced=0 cause=off res=1'
}

# Before the start.
echo 0 >"$switch"
status=0
nstrace --follow --hooks fentry >/out/log 2>&1 || status=$?
{ [ "$status" = 69 ] && grep -q 'kernel.ftrace_enabled is 0' /out/log; } || fail "$status: $(cat /out/log)"
follow --verbose
make_one
settle
unfollow
has_said 'kernel.ftrace_enabled is 0: system calls are seen by tracepoints' || fail "$(cat /out/errors)"
[ "$(by unshare)" = 1 ] || fail 'by tracepoints it is not seen'
echo 1 >"$switch"

# While it runs, and something else can take over; nothing happens meanwhile.
follow
make_one
sleep 1
echo 0 >"$switch"
says 'ftrace_enabled is 0'
has_said 'system calls are seen at the return of every call' || fail "$(cat /out/errors)"
end_once_whole
expect 1 'type=NS_LOST .* kind=all .* resynced=1 res=1'
[ "$(count "^type=NS_DESTROY .* nstype=uts .* pinned=?")" -ge 1 ] || fail 'an answer is made up'
echo 1 >"$switch"

# While it runs, and fexit programs were asked for.
follow --hooks fentry
make_one
sleep 1
echo 0 >"$switch"
says 'ftrace_enabled is 0'
make_one
wait_until 'it is found late' grep -q 'op=late nstype=uts' /out/audit
sleep 1
echo 1 >"$switch"
says 'ftrace_enabled is 1 again'
end_once_whole
grep -q ' 2 lost$' /out/errors || fail "$(cat /out/errors)"
nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
