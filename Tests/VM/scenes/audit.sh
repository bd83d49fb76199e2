#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/sbin/auditctl /usr/bin/id /usr/bin/mkfifo
#
# Events of the kernel's audit have container IDs, in the container's own copy too, with both kinds of hooks.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

ends() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
  grep -q ' 0 lost' /out/errors || fail "$(cat /out/errors)"
}

auditctl -e 1 >/dev/null
auditctl -a always,exit -F arch=b64 -S execve -k run >/dev/null
for hooks in fentry tracepoint; do
  rm -rf /out/go /out/copies
  mkdir -m 700 /out/copies
  mkfifo /out/go
  follow --no-keep --audit-events --hooks "$hooks" --route /out/copies
  sh -c 'read -r _ </out/go; exec /usr/bin/id -u' >/dev/null &
  member=$!
  nstrace register --pid "$member" 42 >/dev/null
  echo >/out/go
  wait "$member"
  wait_until 'the exec of the member' grep -q 'type=EXECVE .* a0="/usr/bin/id"' /out/audit
  ends
  serial=$(sed -n 's/^type=EXECVE .*:\([0-9]*\)): argc=2 a0="\/usr\/bin\/id" .*/\1/p' /out/audit)
  expect 1 "^type=CONTAINER_ID .*:$serial\): record=\"1\" contid=\"42\" rel=member$"
  # None of the host's has one.
  [ "$(count '^type=CONTAINER_ID ')" = "$(count '^type=CONTAINER_ID .*contid="42"')" ] || fail 'another has one'
  [ "$(grep -c '^type=EXECVE .* argc=2 a0="/usr/bin/id"' /out/copies/42.log)" = 1 ] ||
    fail "the copy: $(cat /out/copies/42.log)"
  ! grep -qE ' (pid|ppid|auid|ses|exe)=[^?]' /out/copies/42.log || fail "the copy: $(cat /out/copies/42.log)"
done
auditctl -D >/dev/null
auditctl -e 0 >/dev/null
