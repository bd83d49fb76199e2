#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/true /usr/bin/sleep
#
# A tracer runs as nobody, without capabilities, in its sandbox. It recovers from a full ring, registers,
# lists containers, and reopens its log. The next tracer knows the container, too.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
chmod 777 /out
mkdir -m 777 /out/log
follow --user nobody --ring-size 4K --audit-log /out/log/audit

confined() { grep -q '^Seccomp:.2$' "/proc/$tracer/status"; }
wait_until 'the tracer is in its sandbox' confined
for line in 'Uid:.65534.65534.65534.65534' 'Groups:.65534 ' 'CapPrm:.0000000000000000' \
  'CapEff:.0000000000000000' 'NoNewPrivs:.1'; do
  grep -q "^$line\$" "/proc/$tracer/status" || fail "no line $line in its status"
done

kill -STOP "$tracer"
nsactor storm 200
kill -CONT "$tracer"
wait_until 'the state is whole again' grep -q resynced=1 /out/audit

sleep 100 &
nstrace register --pid $! 42 --name scene >/out/registered
[ "$(cat /out/registered)" = 42 ] || fail 'the process was not registered'
nstrace containers | grep -q '^42  *scene  *running' || fail 'the container is not listed'

mv /out/log/audit /out/log/audit.1
kill -HUP "$tracer"
wait_until 'there is a new log' test -e /out/log/audit
/usr/bin/unshare -n /usr/bin/true
wait_until 'the log goes on' grep -q 'nstype=net' /out/log/audit

kill -INT "$tracer"
wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
! grep -q warning /out/errors || fail "$(cat /out/errors)"

nstrace keeper status >/out/status
grep -q '^1 registration$' /out/status || fail "$(cat /out/status)"
follow --user nobody
nstrace containers | grep -q '^42  *scene  *running' || fail 'the container is not known any more'
unfollow
