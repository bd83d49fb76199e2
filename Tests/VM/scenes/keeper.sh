#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/crun
# adds: Tests/Keeper
#
# Container IDs outlive the tracer, with both kinds of hooks.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

cp /usr/bin/nstrace /tmp/other
for tier in tracepoint fentry; do
  echo "$tier"
  TRACER_OPTIONS="--hooks $tier" WAIT=/root/wait.sh sh /root/Keeper/rounds.sh /usr/bin/nstrace /tmp/other 10 crun ||
    fail "with $tier"
done
