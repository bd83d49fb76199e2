#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# memory: 3072
#
# A start among very many tasks, while others come and go: nothing is lost, doubled or left out.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

processes=${PROCESSES:-40} threads=${THREADS:-499}
echo 4194304 >/proc/sys/kernel/pid_max
echo 1000000 >/proc/sys/kernel/threads-max
mkfifo /tmp/gate
nsactor throng "$processes" "$threads" </tmp/gate >/out/throng &
throng=$!
exec 3>/tmp/gate
wait_until 'they all stand' grep -q "all.ready=$processes" /out/throng

# each TASKS: every namespace of theirs has so many, and no other one.
each() {
  nstrace --format json >/out/list
  grep '"nstype":"uts"' /out/list | grep -c "\"tasks\":$1[,}]" || true
}
[ "$(each $((threads + 1)))" = "$processes" ] || fail "$(cat /out/list)"

nsactor storm 1000000 &
storm=$!
follow
tail -n 1 /out/errors
nsactor storm 100
kill "$storm"
wait "$storm" || true
nsactor clone uts
ended() { tail -n 1 /out/audit | grep -q '^type=NS_DESTROY'; }
wait_until 'all is told' ended
[ "$(each $((threads + 1)))" = "$processes" ] || fail "afterwards: $(cat /out/list)"
unfollow
# Each namespace comes and goes in turn; one that was there at the start goes first.
sed -n 's/^type=NS_\(CREATE\|DESTROY\) .* nstype=\(uts\) .* ino=\([0-9]*\) .*/\3 \1/p' /out/audit |
  awk '{ if (last[$1] == $2) { print "twice: " $0; bad = 1 } last[$1] = $2; n++ }
    END { print n " records"; exit bad || n < 200 }' || fail 'something was told twice, or not at all'
exec 3>&-
wait "$throng"
