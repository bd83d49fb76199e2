#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# append: lockdown=confidentiality
#
# A kernel that is locked down lets no program read its memory: that is said, and not that it is too old.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

for hooks in auto fentry tracepoint; do
  status=0
  nstrace --follow --hooks "$hooks" >/out/log 2>&1 || status=$?
  cat /out/log
  [ "$status" = 69 ] || fail "it ended with $status"
  [ "$(wc -l </out/log)" = 1 ] || fail 'not one sentence'
  grep -q 'kernel lockdown is in confidentiality mode' /out/log || fail 'it does not say why'
done
[ -z "$(ls /sys/kernel/security)" ] || fail 'it has left something mounted'
