#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/bwrap /usr/bin/mount /usr/bin/nsenter /usr/bin/setpriv /usr/bin/sleep /usr/bin/true
# needs: /usr/bin/umount /usr/bin/unshare /usr/sbin/ip
# adds: Tests/Scenarios
# Every scenario gives the records that it states, on this kernel and with every tier.
set -eu

failed=0
for tier in tracepoint fentry sys_exit; do
  sh /root/Scenarios/play.sh --hooks "$tier" --results /out/results \
    "$(command -v nstrace)" "$(command -v nsactor)" || failed=1
done
exit "$failed"
