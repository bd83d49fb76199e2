#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Plays rounds.sh in a guest, with each kind of hooks.
#
# Usage: tiers.sh ROUNDS
set -eu
rounds=$1
cp /usr/bin/nstrace /tmp/other
for tier in tracepoint fentry; do
  echo "$tier"
  TRACER_OPTIONS="--hooks $tier" WAIT=/root/wait.sh sh /root/Keeper/rounds.sh /usr/bin/nstrace /tmp/other "$rounds" crun
done
