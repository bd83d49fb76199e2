#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/true
#
# kernel.ftrace_enabled=0 stops fexit programs, and the kernel does not report it. nstrace does.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh
# shellcheck source=../skips.sh
. /root/skips.sh

switch=/proc/sys/kernel/ftrace_enabled
centiseconds() { sed 's/\.//; s/ .*//' /proc/uptime; }
has_said() { grep -q "$1" /out/errors; }

# says PATTERN: waits until nstrace prints it, and prints how long it took. nstrace looks twice a second, but a guest
# beside other work can be stopped for longer.
says() {
  began=$(centiseconds)
  wait_until "$1" has_said "$1"
  figures "$(($(centiseconds) - began)) centiseconds until it said: $1"
}

# by OP: how many UTS namespaces have a record of creation by this operation.
by() { count "^type=NS_CREATE .* op=$1 nstype=uts "; }
make_one() { /usr/bin/unshare -u /usr/bin/true; }

# Waits for the walk that repairs the state. There are records of the namespace from before, of the one made
# here, and of the loss.
end_once_whole() {
  wait_until 'the state is whole again' grep -q 'resynced=1' /out/audit
  make_one
  settle
  end_follow
  [ "$(by unshare)" = 2 ] || fail 'a namespace that was made afterwards has no record'
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
[ "$(by unshare)" = 1 ] || fail 'tracepoints do not see the call'
echo 1 >"$switch"

# While nstrace runs, and another hook can take over. No call is made meanwhile.
follow
make_one
sleep 1
echo 0 >"$switch"
says 'ftrace_enabled is 0'
has_said 'system calls are seen at the return of every call' || fail "$(cat /out/errors)"
end_once_whole
expect 1 'type=NS_LOST .* kind=all .* resynced=1 res=1'
[ "$(count "^type=NS_DESTROY .* nstype=uts .* pinned=?")" -ge 1 ] || fail 'pinned= has a value that nobody can know'
echo 1 >"$switch"

# While nstrace runs with --hooks fentry, so that no hook takes over.
follow --hooks fentry
make_one
sleep 1
echo 0 >"$switch"
says 'ftrace_enabled is 0'
make_one
wait_until 'the namespace is found late' grep -q 'op=late nstype=uts' /out/audit
sleep 1
echo 1 >"$switch"
says 'ftrace_enabled is 1 again'
end_once_whole
grep -q ' 2 lost$' /out/errors || fail "$(cat /out/errors)"
nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
