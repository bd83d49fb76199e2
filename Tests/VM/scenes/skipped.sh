#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/sbin/bpftool
# kernels: 6.1:full 6.12:full rt
#
# On a kernel that preempts itself fexit programs are skipped: as many as the kernel says are told as lost, and
# every other unshare is told. Nobody who leaves the choice to nstrace misses any.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh
# shellcheck source=../skips.sh
. /root/skips.sh

# play: much load, then an attack on one process. `made` calls in all.
play() {
  nsactor busy-unshare 6 400 >/out/busy
  nsactor preempted 50 >/out/preempted
  victim=$(said_by victim.tid /out/preempted)
  # With the one that made the attacker's user namespace.
  made=$(($(said_by busy.made /out/busy) + $(said_by victim.made /out/preempted) + \
    $(said_by idler.made /out/preempted) + 1))
}

follow --verbose
play
settle
unfollow
grep -q '^nstrace: this kernel preempts itself' /out/errors || fail "it does not say why: $(cat /out/errors)"
uses "$UNSHARE" || fail 'not by tracepoints'
figures "auto: $made made, $(unshares) told, $(count 'type=NS_LOST') losses"
[ "$(unshares)" = "$made" ] || fail "of $made $(unshares) are told"
expect 50 " syscall=272 success=yes .* pid=$victim "
expect 0 'type=NS_LOST'

follow --hooks fentry
play
settle
misses=$(misses unshare_return)
end_follow
calls=$(recorded unshares)
figures "fentry: $made made, $calls told by the kernel side, $(recorded skipped) lost, $misses skipped by the kernel;" \
  "$(unshares) told as calls, of the victim's 50 $(count " syscall=272 success=yes .* pid=$victim ");" \
  "$(lost freed skipped) FREED lost; $(count 'resynced=1') walks"
[ "$misses" -gt 0 ] || fail 'nothing was skipped'
[ "$(recorded skipped)" = "$misses" ] || fail 'the kernel says otherwise'
[ "$(lost switch skipped)" = "$misses" ] || fail 'not all that is in the dump is printed'
missing=$((made - calls - misses))
{ [ "$missing" -ge -1 ] && [ "$missing" -le 1 ]; } || fail "$missing are neither told nor lost"
[ "$(grep -c 'warning: this kernel preempts itself' /out/errors)" = 1 ] || fail "$(cat /out/errors)"
nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
