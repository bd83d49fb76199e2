#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# adds: Tests/Race
# kernels: 6.1 6.12 6.1:full 6.12:full
#
# A task is in its new namespaces before its call returns, but the return is what is reported. Meanwhile another
# task may enter them, or make a namespace with the inode number that was freed. The records still name the maker.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

entries=20000 calls=1000

# A kernel that preempts itself skips fexit programs, and nstrace counts them as lost.
lossy=0
is_lossy() { [ "$1" = fentry ] && grep -q preempt=full /proc/cmdline; }

# ends TIER: ends the tracer. It must have lost nothing, except by fexit programs on a kernel that preempts itself.
ends() {
  lossy=0
  is_lossy "$1" || { unfollow && return; }
  lossy=1
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
  tail -n 1 /out/errors
}

# fact NAME: the value that the actor printed.
fact() { sed -n "s/^$1=//p" /out/facts; }

enter() {
  follow --hooks "$1" --ring-size 64M
  nsactor enter-race "$entries" >/out/facts
  maker=$(fact maker.tid) enterer=$(fact enterer.tid)
  ends "$1"
  awk -v lossy="$lossy" -v maker="$maker" -v enterer="$enterer" -f /root/Race/enter.awk /out/audit >/out/enter || fail "$1: $(cat /out/enter)"
  echo "$1: $(cat /out/enter)"
  nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
}

# Two containers make namespaces at the same time.
crowd() {
  follow --hooks "$1" --ring-size 64M
  rm -f /tmp/gate
  mkfifo /tmp/gate
  crowds=''
  for number in 1 2; do
    sh -c 'read -r line </tmp/gate; exec nsactor make-crowd "$1"' sh "$calls" &
    crowds="$crowds $!"
    nstrace register --pid $! "$number" || fail "container $number is refused"
  done
  # Kept open until they end: a reader that opens the gate later would wait for ever.
  exec 9>/tmp/gate
  printf 'go\ngo\n' >&9
  for pid in $crowds; do wait "$pid" || fail 'a crowd fails'; done
  exec 9>&-
  ends "$1"
  awk -v lossy="$lossy" -v made=$((2 * 6 * calls)) -f /root/Race/crowd.awk /out/audit >/out/crowd || fail "$1: $(cat /out/crowd)"
  echo "$1: $(cat /out/crowd)"
  nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
}

for tier in tracepoint fentry; do
  enter "$tier"
  crowd "$tier"
done
