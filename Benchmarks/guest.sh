#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# guest.sh NSTRACE STORM: what a system call that has nothing to do with namespaces costs under fexit
# programs, which not every machine allows: so in a guest, whose processor is emulated. Only ratios count.
set -euo pipefail
cd "$(dirname "$0")"
. ./table.sh

nstrace=$1 storm=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

../Tests/VM/guest.sh --kernel 6.12 --timeout 600 --add "$nstrace" --add "$storm" \
  --add ../Tests/VM/scene.sh:/root/scene.sh --add ../Tests/Scenarios/wait.sh:/root/wait.sh \
  --out "$dir" guest-scene.sh
# Rounds of "untraced fentry tracepoint", the loop's rates.
for tier in 2:fentry 3:tracepoint; do
  awk -v tier="${tier%:*}" '{ print $1 / $tier }' "$dir/rates" > "$dir/ratios"
  ratio=$(median < "$dir/ratios")
  goal=- verdict=-
  if [ "$tier" = 2:fentry ]; then
    goal='1.03 at most (noise)'
    verdict=$(awk -v r="$ratio" 'BEGIN { print r <= 1.03 ? "met" : "missed" }')
  fi
  row "getppid in a guest, ${tier#*:}" - untraced "$(printf %.2f "$ratio")" "$goal" \
    "$verdict, $(range < "$dir/ratios")"
done
