#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Fuzz/run.sh PROGRAM CORPUS SECONDS: runs each target for so long, one after the other. If a target finds
# an input, the input is in CORPUS/../found and the exit status is 1. CORPUS keeps the inputs that reach
# new code.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
program=$(realpath "$1")
corpus=$2
seconds=$3
fixtures=("$here"/../Tests/NSTraceTests/Fixtures/*.nsdump)
found=$(dirname "$corpus")/found

# An input of cost takes a second, and nstrace-fuzz cost judges the time itself. Therefore it begins anew, and
# libFuzzer's clock, which other processes stop, has no say.
rm -rf "$corpus/cost"
mkdir -p "$corpus" "$found"
"$program" seeds "$corpus" "${fixtures[@]}"
status=0
for target in wire dump cost control oci; do
  mkdir -p "$corpus/$target"
  log=$found/$target.log
  seeds=("$corpus/$target")
  if [ -d "$here/Corpus/$target" ]; then seeds+=("$here/Corpus/$target"); fi
  # More than 10 s or 1 GiB counts as found.
  limits=(-timeout=10 -rss_limit_mb=1024)
  if [ "$target" = cost ]; then limits=(-timeout=3600 -report_slow_units=3600 -rss_limit_mb=2048); fi
  # print_funcs=0: looking up a function's name takes a second.
  if "$program" "$target" -max_total_time="$seconds" "${limits[@]}" -max_len=8192 -len_control=50 \
    -print_funcs=0 -print_final_stats=1 -artifact_prefix="$found/$target-" "${seeds[@]}" 2>"$log"
  then
    awk -v target="$target" '
      /number_of_executed_units/ { total = $2 }
      /average_exec_per_sec/ { rate = $2 }
      / cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") edges = $(i + 1) }
      END { printf "%-8s %s executions, %s a second, %s edges, nothing found\n", target, total, rate, edges }
    ' "$log"
  else
    status=1
    echo "$target: found, see $log and $found/$target-*"
    grep -aE 'Fatal error|ERROR|SUMMARY' "$log" | head -5 || true
  fi
done
exit $status
