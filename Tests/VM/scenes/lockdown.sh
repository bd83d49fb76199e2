#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# append: lockdown=confidentiality
#
# A kernel in lockdown lets no program read its memory. nstrace names that reason, and not an old kernel.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

for hooks in auto fentry tracepoint; do
  status=0
  nstrace --follow --hooks "$hooks" >/out/log 2>&1 || status=$?
  cat /out/log
  [ "$status" = 69 ] || fail "nstrace ended with $status"
  [ "$(wc -l </out/log)" = 1 ] || fail 'nstrace printed more than one sentence'
  grep -q 'kernel lockdown is in confidentiality mode' /out/log || fail 'nstrace does not name the reason'
done
[ -z "$(ls /sys/kernel/security)" ] || fail 'nstrace has left securityfs mounted'
