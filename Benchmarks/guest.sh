#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# guest.sh NSTRACE STORM: the cost of a system call that is not about namespaces, while fexit programs are
# attached. Not every machine allows them, so it runs in a guest. Its processor is emulated: only ratios count.
set -euo pipefail
cd "$(dirname "$0")"
. ./table.sh

nstrace=$1 storm=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

../Tests/VM/guest.sh --kernel 6.12 --timeout 600 --add "$nstrace" --add "$storm" \
  --add ../Tests/VM/scene.sh:/root/scene.sh --add ../Tests/Scenarios/wait.sh:/root/wait.sh \
  --out "$dir" guest-scene.sh
# Each line of rates is "untraced fentry tracepoint".
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
