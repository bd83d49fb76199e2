#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Plays rounds.sh in a guest, with each kind of hooks. /root/other has what other.py makes.
#
# Usage: tiers.sh ROUNDS
set -eu
rounds=$1
for tier in tracepoint fentry; do
  echo "$tier"
  TRACER_OPTIONS="--hooks $tier" WAIT=/root/wait.sh sh /root/Keeper/rounds.sh /usr/bin/nstrace /root/other/nstrace "$rounds" crun
done
