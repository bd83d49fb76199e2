#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints one table: figure, peer, ratio. Each figure is run in turn with its peer (A B A B ...), so
# that both see the same machine; medians, with the range of the ratio.
set -euo pipefail
cd "$(dirname "$0")"

nstrace=$1
rounds=${BENCH_ROUNDS:-5}
events=${BENCH_EVENTS:-10000000}
records=${BENCH_RECORDS:-1000000}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

swift build -c release 2>&1 | tail -1
bench=.build/release/nstrace-bench
"$bench" tasks "$dir/tasks.nsdump" "$events"
"$bench" namespaces "$dir/namespaces.nsdump" "$records"
"$nstrace" replay "$dir/namespaces.nsdump" --format audit > "$dir/namespaces.log"

# seconds COMMAND...: wall time of one run
seconds() {
  local start end
  start=$(date +%s%N)
  "$@" > "$dir/out" 2> "$dir/err" || true
  end=$(date +%s%N)
  echo $((end - start))
}

# compare NAME COUNT UNIT PEER-NAME A... -- B...
compare() {
  local name=$1 count=$2 unit=$3 peer=$4
  shift 4
  local a=() b=()
  while [ "$1" != -- ]; do a+=("$1"); shift; done
  shift
  b=("$@")
  for _ in $(seq "$rounds"); do
    echo "$(seconds "${a[@]}") $(seconds "${b[@]}")"
  done | sort -n | awk -v name="$name" -v count="$count" -v unit="$unit" -v peer="$peer" '
    { a[NR] = $1; b[NR] = $2; r[NR] = $1 / $2 }
    END {
      asort(b); asort(r)
      m = int((NR + 1) / 2)
      printf "%-34s %8.2f M %s/s   %-28s %6.2f s  ratio %.2f (%.2f to %.2f)\n",
        name, count / a[m] * 1000, unit, peer, b[m] / 1e9, r[m], r[1], r[NR]
    }'
}

printf '%-34s %-21s %-28s\n' FIGURE RATE 'SIDE BY SIDE WITH'
compare 'replay, state only' "$events" events 'cat' \
  "$nstrace" replay --format none "$dir/tasks.nsdump" -- cat "$dir/tasks.nsdump"
compare 'replay, state only' "$events" events 'cksum' \
  "$nstrace" replay --format none "$dir/tasks.nsdump" -- cksum "$dir/tasks.nsdump"
compare 'replay to audit text' "$((3 * records))" records 'ausearch --raw' \
  "$nstrace" replay --format audit "$dir/namespaces.nsdump" -- \
  ausearch --raw -if "$dir/namespaces.log"
compare 'replay to JSON' "$((3 * records))" records 'ausearch --raw' \
  "$nstrace" replay --format json "$dir/namespaces.nsdump" -- \
  ausearch --raw -if "$dir/namespaces.log"
