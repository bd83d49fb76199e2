#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# memory: 3072
#
# nstrace starts among very many tasks while others fork and exit. It loses, doubles and misses nothing.
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
wait_until 'all processes are ready' grep -q "all.ready=$processes" /out/throng

# each TASKS: prints how many UTS namespaces have that many tasks.
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
wait_until 'the last end is printed' ended
[ "$(each $((threads + 1)))" = "$processes" ] || fail "afterwards: $(cat /out/list)"
unfollow
# For each namespace CREATE and DESTROY alternate; one that existed at the start begins with DESTROY.
sed -n 's/^type=NS_\(CREATE\|DESTROY\) .* nstype=\(uts\) .* ino=\([0-9]*\) .*/\3 \1/p' /out/audit |
  awk '{ if (last[$1] == $2) { print "twice: " $0; bad = 1 } last[$1] = $2; n++ }
    END { print n " records"; exit bad || n < 200 }' || fail 'a record is missing or doubled'
exec 3>&-
wait "$throng"
