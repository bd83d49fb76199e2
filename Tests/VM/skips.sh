# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced after scene.sh by scenes about programs that the kernel does not run: `. /root/skips.sh`.

# said_by NAME.KEY FILE: a value that an actor printed.
said_by() { sed -n "s/^$1=//p" "$2"; }

# unshares: how many successful calls have a record.
unshares() { count ' syscall=272 success=yes '; }

# lost KIND CAUSE: how many records NS_LOST counts, without its resyncs.
lost() {
  sed -n "s/^type=NS_LOST .*lost=\"\([0-9]*\)\" kind=$1 .* cause=$2 .*/\1/p" /out/audit |
    awk '{ sum += $1 } END { print sum + 0 }'
}

# recorded KEY: a count from the dump: unshares (reported by the kernel side), lost, skipped.
recorded() { nsactor recorded /out/scene.nsdump | sed -n "s/^recorded.$1=//p"; }

# misses PROGRAM: how many runs the kernel counts as skipped.
misses() {
  bpftool prog show name "$1" |
    sed -n 's/.*recursion_misses \([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

# uses BIT: whether nst_host.hooks of the dump's HOST record has the bit.
uses() { [ $((0x$(od -An -tx4 -j188 -N4 /out/scene.nsdump | tr -d ' ') & $1)) != 0 ]; }
# shellcheck disable=SC2034 # for scenes
UNSHARE=0x20 FEXIT_UNSHARE=0x2000

# end_follow: ends nstrace, whatever it has lost.
# shellcheck disable=SC2154 # follow sets tracer
end_follow() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
}

# settle: waits for the end of one more IPC namespace, which no other actor makes. Events keep their order, so all
# records before it are printed.
settle() {
  ends=$(count '^type=NS_DESTROY .* nstype=ipc ') || true
  # shellcheck disable=SC2317 # wait_until calls it
  one_more() { [ "$(count '^type=NS_DESTROY .* nstype=ipc ')" -gt "$ends" ]; }
  nsactor clone ipc >/dev/null
  wait_until 'the last end is printed' one_more
}

figures() { echo "$*" | tee -a /out/figures; }
