#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A kernel begins to preempt itself while nstrace runs. The programs that it skips before nstrace notices count as
# lost. Afterwards none is skipped, though the tracer has no privileges any more.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh
# shellcheck source=../skips.sh
. /root/skips.sh

printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
chmod 777 /out
debugfs=/tmp/debugfs
mkdir "$debugfs"
mount -t debugfs nodev "$debugfs"

# calls_made: how many calls all actors made, with the one for the user namespace.
calls_made() {
  echo $(($(said_by busy.made /out/busy) + $(said_by victim.made /out/preempted) + \
    $(said_by idler.made /out/preempted) + 1))
}

follow --user nobody
uses "$FEXIT_UNSHARE" || fail 'not by fexit programs'
echo full >"$debugfs/sched/preempt"
nsactor busy-unshare 6 100 >/out/busy
nsactor preempted 50 >/out/preempted
wait_until 'nstrace warns about skipped programs' grep -q 'warning: this kernel preempts itself' /out/errors
wait_until 'another hook takes over' grep -q 'warning: system calls are seen at the return' /out/errors
wait_until 'the state is whole again' grep -q 'resynced=1' /out/audit
settle
before=$(lost switch skipped)
# A program of another kind may be the one whose skip is noticed first.
[ "$(lost '[a-z]*' skipped)" -gt 0 ] || fail 'nothing was skipped'
first=$(calls_made)

nsactor busy-unshare 6 100 >/out/busy
nsactor preempted 50 >/out/preempted
second=$(calls_made)
settle
quiet=$(count ' syscall=(272|310) success=yes ')
for way in fork exec exit; do nsactor compat "$way" >/dev/null; done
nsactor refused clone3 >/dev/null || true
nsactor setns-back >/dev/null
settle
quiet=$(($(count ' syscall=(272|310) success=yes ') - quiet))
end_follow

# A call that returns during the change may be reported twice, or be reported and counted as skipped.
over=$(($(recorded unshares) + before - first - second - quiet))
figures "$first made, $before lost, then $second made, $(($(lost switch skipped) - before)) lost; $over too many"
{ [ "$over" -ge 0 ] && [ "$over" -le 2 ]; } || fail 'some calls are missing or doubled'
[ "$(lost switch skipped)" = "$before" ] || fail 'programs are still skipped'
expect 3 ' arch=40000003 syscall=310 success=yes '
[ "$(count ' syscall=435 success=no ')" -gt 0 ] || fail 'a refused clone3 has no record'
[ "$(count ' syscall=308 success=yes ')" -gt 0 ] || fail 'setns has no record'
nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
