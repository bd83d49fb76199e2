#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the rows of `make bench` about what a keeper costs (docs/identity.md), each with the range of the figure that has
# the goal. Needs root. What is compared runs in turn (A B C A B C ...). docs/performance.md explains the figures.
set -euo pipefail
. "$(dirname "$0")/table.sh"
. "$(dirname "$0")/tracer.sh"

nstrace=$1 storm=$2 nsactor=$3
rounds=${BENCH_ROUNDS:-5}
seconds=${BENCH_SECONDS:-2}
containers=${BENCH_CONTAINERS:-1000}
dir=$(mktemp -d)
export LC_ALL=C
pid_max=$(cat /proc/sys/kernel/pid_max)
kept=$dir/bpf/keep
others=''

clean_up() {
  end_crowd
  [ -z "$others" ] || kill "$others" 2> /dev/null || true
  [ -z "$tracer" ] || kill "$tracer" 2> /dev/null || true
  umount "$dir/bpf" || true
  echo "$pid_max" > /proc/sys/kernel/pid_max
  rm -rf "$dir"
}
trap clean_up EXIT
mkdir "$dir/bpf"
mount -t bpf -o mode=0700 bpf "$dir/bpf"

# --- Births --------------------------------------------------------------------------------------

# rate: prints the births a second of processor time, without a tracer.
rate() {
  local value
  read -r _ value < <(taskset -c 1 "$storm" vfork "$seconds")
  echo "$value"
}

register() { "$nstrace" register --control "$dir/control" --random "$@" > /dev/null; }

# rate_inside: of births in a container whose tracer has been killed.
rate_inside() {
  local target value
  start_nstrace --follow --format none --keep "$kept" --control "$dir/control"
  mkfifo "$dir/go"
  # shellcheck disable=SC2016 # for that sh
  sh -c 'read -r line; exec taskset -c 1 "$@"' sh "$storm" vfork "$seconds" < "$dir/go" > "$dir/inside" &
  target=$!
  exec 7> "$dir/go"
  register --pid "$target"
  kill -KILL "$tracer"
  wait "$tracer" 2> /dev/null || true
  tracer=''
  exec 7>&-
  wait "$target"
  rm "$dir/go"
  read -r _ value < "$dir/inside"
  echo "$value"
}

compare_births() {
  local plain beside inside
  for file in a b p r; do : > "$dir/$file"; done
  for _ in $(seq "$rounds"); do
    plain=$(rate)
    "$nstrace" keeper make --keep "$kept"
    beside=$(rate) inside=$(rate_inside)
    "$nstrace" keeper remove --keep "$kept"
    echo "$plain" >> "$dir/p"; echo "$beside" >> "$dir/b"
    calc "$beside / $plain" 3 >> "$dir/r"
    calc "1e9 / $inside - 1e9 / $plain" 0 >> "$dir/a"
  done
  row 'vfork+exit beside a keeper' "$(calc "1e9 / $(median < "$dir/b")" 0) ns" \
    "none $(calc "1e9 / $(median < "$dir/p")" 0) ns" "$(median < "$dir/r")" '0.97 at least (noise)' \
    "$(holds "$(median < "$dir/r") >= 0.97"), $(range < "$dir/r")"
  row 'the same with an ID, longer by' "$(median < "$dir/a") ns" - - '1000 ns at most' \
    "$(holds "$(median < "$dir/a") <= 1000"), $(range < "$dir/a")"
}

# --- Start ---------------------------------------------------------------------------------------

# register_crowd: makes each child of the crowd, with its threads, a container.
register_crowd() {
  local pid
  start_nstrace --follow --format none --keep "$kept" --control "$dir/control"
  while read -r pid; do register --include-descendants --pid "$pid"; done < <(pgrep -P "$crowd")
  kill -INT "$tracer"
  wait "$tracer" || true
  tracer=''
}

# 100,000 tasks, of which ten in each container.
compare_start() {
  [ "$pid_max" -ge 200000 ] || echo 200000 > /proc/sys/kernel/pid_max
  begin_crowd "$containers" 9
  register_crowd
  # Without the descriptor that keeps the gate open.
  "$nsactor" throng "$((100 - containers / 100))" 999 < "$dir/gate" 9>&- > "$dir/others" &
  others=$!
  until grep -q ready "$dir/others"; do sleep 0.1; done
  for file in a b r; do : > "$dir/$file"; done
  for _ in $(seq "$((2 * rounds))"); do
    time_start --no-keep >> "$dir/b"
    time_start --keep "$kept" >> "$dir/a"
    calc "$(tail -n 1 "$dir/a") / $(tail -n 1 "$dir/b")" >> "$dir/r"
  done
  row "start, $((10 * containers)) of 100,000 tasks kept" "$(median < "$dir/a") ms" \
    "not kept $(median < "$dir/b") ms" "$(median < "$dir/r")" '1.20 at most' \
    "$(holds "$(median < "$dir/r") <= 1.2"), $(range < "$dir/r")"
  end_crowd
  wait "$others"
  others=''
}

compare_births
compare_start
