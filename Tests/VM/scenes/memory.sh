#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The tracer's memory cgroup is full while a registered process has children, and these have children. Each has the
# container ID all the same.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

children=600
id=6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a13
cgroups=/sys/fs/cgroup
group=$cgroups/tracer

echo +memory >"$cgroups/cgroup.subtree_control"
mkdir "$group"
echo $$ >"$group/cgroup.procs"
follow
echo $$ >"$cgroups/cgroup.procs"

nsactor brood "$children" >/out/brood &
target=$!
wait_until 'the target' grep -q '^target.tid=' /out/brood
nstrace register --pid "$target" "$id" >/dev/null

# It charges nothing itself meanwhile.
kill -STOP "$tracer"
wait_until 'nstrace stands still' grep -q '^State:.T' "/proc/$tracer/status"
cat "$group/memory.current" >"$group/memory.max"
kill -USR1 "$target"
wait_until 'the children' grep -q '^target.done=' /out/brood
[ "$(sed -n 's/^max //p' "$group/memory.events")" -gt 0 ] || fail 'the limit was not met'
echo max >"$group/memory.max"
kill -CONT "$tracer"

kill -USR2 "$target"
wait "$target" || fail "the target ended with $?"
wait_until 'the end of the container' grep -q ' op=drop ' /out/audit
kill -INT "$tracer"
wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
# No record is missing. Storage may be refused for a moment even after the limit is lifted.
! grep '^type=NS_LOST ' /out/audit | grep -v ' kind=task .* cause=storage ' || fail 'records were lost'
expect $((2 * children)) '^type=NS_CREATE .* op=unshare nstype=uts '
expect $((2 * children)) "^type=NS_CREATE .* op=unshare nstype=uts .* contid=\"?$id"
