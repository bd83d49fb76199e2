# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For scenes about programs that the kernel does not run: `. /root/skips.sh`, behind scene.sh.

# said_by NAME.KEY FILE: what an actor has said.
said_by() { sed -n "s/^$1=//p" "$2"; }

# unshares: how many calls are told.
unshares() { count ' syscall=272 success=yes '; }

# lost KIND CAUSE: how many records are told as lost, resyncs left out.
lost() {
  sed -n "s/^type=NS_LOST .*lost=\"\([0-9]*\)\" kind=$1 .* cause=$2 .*/\1/p" /out/audit |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# recorded KEY: what stands in the dump: unshares (that the kernel side has reported), lost, skipped.
recorded() { nsactor recorded /out/scene.nsdump | sed -n "s/^recorded.$1=//p"; }

# misses PROGRAM: how often the kernel says that it has skipped it.
misses() {
  bpftool prog show name "$1" |
    sed -n 's/.*recursion_misses \([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

# uses BIT: whether its HOST record says so, nst_host.hooks.
uses() { [ $((0x$(od -An -tx4 -j188 -N4 /out/scene.nsdump | tr -d ' ') & $1)) != 0 ]; }
# shellcheck disable=SC2034 # for scenes
UNSHARE=0x20 FEXIT_UNSHARE=0x2000

# end_follow: ends it, whatever it lost.
# shellcheck disable=SC2154 # follow sets tracer
end_follow() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
}

# settle: whatever was done before has been told, for events keep their order. Nobody else makes such namespaces.
settle() {
  ends=$(count '^type=NS_DESTROY .* nstype=ipc ') || true
  # shellcheck disable=SC2317 # wait_until calls it
  one_more() { [ "$(count '^type=NS_DESTROY .* nstype=ipc ')" -gt "$ends" ]; }
  nsactor clone ipc >/dev/null
  wait_until 'the last end is told' one_more
}

figures() { echo "$*" | tee -a /out/figures; }
