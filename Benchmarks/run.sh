#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints a table: figure, ours, the other's, their ratio, the goal, met or missed. It makes its dumps
# itself, equal each time. Two programs run in turn (A B A B ...), so that both see the same machine.
# Figures are medians of processor time (user and system), which a busy machine changes less than
# elapsed time. docs/performance.md explains them.
set -euo pipefail
cd "$(dirname "$0")"
. ./table.sh

nstrace=$1
rounds=${BENCH_ROUNDS:-5}
events=${BENCH_EVENTS:-10000000}
# ausearch takes 20 s for the 150,000 lines of these, so it is run only three times.
records=${BENCH_RECORDS:-50000}
# A dump of twice as many has 5 GB, so it goes through a pipe.
piped=${BENCH_PIPED:-50000000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TIMEFORMAT='%U %S' LC_ALL=C

# The naive model is the tests', which uses internals of the module.
swift build -c release -Xswiftc -enable-testing 2>&1 | tail -1
bench=.build/release/nstrace-bench

# seconds COMMAND...: prints the processor time of one run
seconds() {
  { time "$@" > /dev/null 2> "$dir/err"; } 2>&1 | awk '{ print $1 + $2 }'
}

# peak COMMAND...: prints the peak memory of a run in KiB; the command may read standard input
peak() {
  /usr/bin/time -f %M -o "$dir/peak" "$@" > /dev/null
  cat "$dir/peak"
}

# measure A... -- B...: sets a and b, medians in seconds, and r, the median of their ratios
measure() {
  local first=() ours theirs
  while [ "$1" != -- ]; do first+=("$1"); shift; done
  shift
  : > "$dir/a"; : > "$dir/b"; : > "$dir/r"
  for _ in $(seq "$rounds"); do
    ours=$(seconds "${first[@]}")
    theirs=$(seconds "$@")
    echo "$ours" >> "$dir/a"
    echo "$theirs" >> "$dir/b"
    awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / (b > 0 ? b : 0.01) }' >> "$dir/r"
  done
  a=$(median < "$dir/a") b=$(median < "$dir/b") r=$(median < "$dir/r")
}

# rate FIGURE COUNT GOAL OTHER A... -- B...: prints a row: A in millions a second, and B's seconds
rate() {
  local figure=$1 count=$2 goal=$3 other=$4 ours
  shift 4
  measure "$@"
  ours=$(awk -v n="$count" -v a="$a" 'BEGIN { printf "%.2f", n / a / 1e6 }')
  row "$figure" "$ours M/s" "$other $(printf %.2f "$b") s" "$(printf %.2f "$r")" "$goal M/s" \
    "$(awk -v x="$ours" -v y="$goal" 'BEGIN { print x >= y ? "met" : "missed" }')"
}

row FIGURE OURS 'SIDE BY SIDE WITH' RATIO GOAL ''

"$bench" tasks "$dir/tasks" "$events"
none=("$nstrace" replay --format none "$dir/tasks")
rate 'replay, state only, events' "$events" 30 cat "${none[@]}" -- cat "$dir/tasks"
rate 'replay, state only, events' "$events" 30 cksum "${none[@]}" -- cksum "$dir/tasks"
rm "$dir/tasks"
# The naive model takes 50 us for an event.
"$bench" tasks "$dir/short" "$((events / 10))"
rounds=1 rate 'replay, state only, events' "$((events / 10))" 30 'naive model' \
  "$nstrace" replay --format none "$dir/short" -- "$bench" naive "$dir/short"
rm "$dir/short"

"$bench" namespaces "$dir/namespaces" "$records"
"$nstrace" replay "$dir/namespaces" --format audit > "$dir/log"
lines=$(wc -l < "$dir/log")
for format in audit json; do
  rounds=3 rate "replay to $format, records" "$lines" 3 'ausearch --raw' \
    "$nstrace" replay --format "$format" "$dir/namespaces" -- ausearch --raw -if "$dir/log"
done
rm "$dir/namespaces" "$dir/log"

"$bench" tasks "$dir/few" "$events" 1000
"$bench" tasks "$dir/many" "$events" 1000000
measure "$nstrace" replay --format none "$dir/many" -- "$nstrace" replay --format none "$dir/few"
# The dump with many tasks begins with a million more forks.
r=$(awk -v r="$r" -v n="$events" 'BEGIN { printf "%.2f", r * n / (n + 1e6) }')
row 'growth, 1,000,000 tasks alive' "$a s" "1,000 alive $b s" "$r" '2 at most' \
  "$(awk -v r="$r" 'BEGIN { print r <= 2 ? "met" : "missed" }')"
rm "$dir/few" "$dir/many"

"$bench" tasks "$dir/alive" 1000000 100000
kib=$(peak "$nstrace" replay --format none "$dir/alive")
row 'memory, 100,000 tasks alive' "$((kib >> 10)) MiB" - - '64 MiB at most' \
  "$([ $((kib >> 10)) -le 64 ] && echo met || echo missed)"
once=$("$bench" tasks - "$piped" | peak "$nstrace" replay --format none -)
twice=$("$bench" tasks - "$((2 * piped))" | peak "$nstrace" replay --format none -)
row 'memory, a dump twice as long' "$((twice >> 10)) MiB" "once as long $((once >> 10)) MiB" \
  "$(awk -v a="$twice" -v b="$once" 'BEGIN { printf "%.2f", a / b }')" 'the same' \
  "$([ $((twice * 100)) -le $((once * 105)) ] && echo met || echo missed)"
