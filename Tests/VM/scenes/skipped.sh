#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/sbin/bpftool
# kernels: 6.1:full 6.12:full rt
#
# A kernel that preempts itself skips fexit programs. nstrace counts as lost what the kernel counts as skipped, and
# every other unshare has a record. By default nstrace chooses tracepoints there, and none is missing.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh
# shellcheck source=../skips.sh
. /root/skips.sh

# play: much load, then an attack on one process. Sets `made`, the number of calls.
play() {
  nsactor busy-unshare 6 400 >/out/busy
  nsactor preempted 50 >/out/preempted
  victim=$(said_by victim.tid /out/preempted)
  # The 1 is the call that made the attacker's user namespace.
  made=$(($(said_by busy.made /out/busy) + $(said_by victim.made /out/preempted) + \
    $(said_by idler.made /out/preempted) + 1))
}

follow --verbose
play
settle
unfollow
grep -q '^nstrace: this kernel preempts itself' /out/errors || fail "nstrace does not name the reason: $(cat /out/errors)"
uses "$UNSHARE" || fail 'the tier is not tracepoints'
figures "auto: $made made, $(unshares) in records, $(count 'type=NS_LOST') losses"
[ "$(unshares)" = "$made" ] || fail "of $made calls $(unshares) have a record"
expect 50 " syscall=272 success=yes .* pid=$victim "
expect 0 'type=NS_LOST'

follow --hooks fentry
play
settle
misses=$(misses unshare_return)
end_follow
calls=$(recorded unshares)
figures "fentry: $made made, $calls reported by the kernel side, $(recorded skipped) lost, $misses skipped by the kernel;" \
  "$(unshares) in records, of the victim's 50 $(count " syscall=272 success=yes .* pid=$victim ");" \
  "$(lost freed skipped) FREED lost; $(count 'resynced=1') walks"
[ "$misses" -gt 0 ] || fail 'nothing was skipped'
[ "$(recorded skipped)" = "$misses" ] || fail 'the kernel counts other skips than the dump'
[ "$(lost switch skipped)" = "$misses" ] || fail 'the output counts other skips than the dump'
missing=$((made - calls - misses))
{ [ "$missing" -ge -1 ] && [ "$missing" -le 1 ]; } || fail "$missing calls are neither reported nor lost"
[ "$(grep -c 'warning: this kernel preempts itself' /out/errors)" = 1 ] || fail "$(cat /out/errors)"
nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
