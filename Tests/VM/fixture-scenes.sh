#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a guest: records while each scene is played once. Its options go to nstrace. LINGER: how many seconds
# to wait after the last scene.
set -eu

: > /out/err
nstrace --follow --format audit --record /out/fixture.nsdump "$@" > /out/fixture.audit 2> /out/err &
tracer=$!
tries=0
until grep -q '^nstrace: following' /out/err; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ] || ! kill -0 "$tracer"; then
    cat /out/err >&2
    exit 1
  fi
  sleep 0.1
done

/usr/bin/unshare -Urnpf --mount-proc /usr/bin/true
/usr/bin/unshare -T /usr/bin/true
ip netns add scene
ip netns exec scene /usr/bin/true
ip netns del scene

for kind in mnt uts ipc pid user net cgroup; do nsactor clone "$kind"; done
for kind in mnt uts ipc pid user net cgroup time; do nsactor clone3 "$kind"; done
for way in fork exec exit; do nsactor compat "$way"; done
for what in invalid unshare clone clone3; do nsactor refused "$what"; done
for scene in clone-parent exec-twice-in-time pid-forks pid-unused setns-back setns-bad setns-pidfd \
  setns-reenter setns-zero thread-exec thread-exit thread-group time-exec time-fork vfork-exec \
  vfork-time hostile-name nested-users; do
  nsactor "$scene" || echo "scene $scene: $?" >&2
done

sleep "${LINGER:-0}"
kill -INT "$tracer"
wait "$tracer"
cat /out/err
