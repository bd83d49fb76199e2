#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/crun /usr/bin/sleep
# adds: Tests/Keeper .build/other
#
# Container IDs outlive the tracer, with both kinds of hooks. The first tracer mounts a bpffs, because there is none.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

is_mounted() { grep -q ' /sys/fs/bpf bpf ' /proc/mounts; }
! is_mounted || fail 'there is a bpffs already'
/usr/bin/sleep 1000 &
target=$!
follow
is_mounted || fail 'there is no bpffs'
[ -z "$(ls /sys/fs/bpf/nstrace)" ] || fail 'something is pinned before the first registration'
nstrace register --pid "$target" --random >/dev/null
nstrace keeper status >/out/status
grep -q '^1 registration$' /out/status || fail "$(cat /out/status)"
kill "$target"
wait_until 'the end of the container' grep -q ' op=drop ' /out/audit
unfollow
[ ! -e /sys/fs/bpf/nstrace ] || fail "this is left: $(ls /sys/fs/bpf/nstrace)"

sh /root/Keeper/tiers.sh 2
