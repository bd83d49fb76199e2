#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the rows of `make bench` about the cost of following a live kernel, each with the range of the
# figure that has the goal. Needs root. Two programs run in turn (A B A B ...), so that both see the same
# machine. docs/performance.md explains the figures.
set -euo pipefail
. "$(dirname "$0")/table.sh"
. "$(dirname "$0")/tracer.sh"

nstrace=$1 storm=$2 nsactor=$3
rounds=${BENCH_ROUNDS:-5}
seconds=${BENCH_SECONDS:-2}
dir=$(mktemp -d)
export LC_ALL=C
tracefs=/sys/kernel/tracing
slow=$tracefs/instances/nstrace-bench
pid_max=$(cat /proc/sys/kernel/pid_max)
tracer='' crowd=''

clean_up() {
  end_crowd
  [ -z "$tracer" ] || kill "$tracer" 2> /dev/null || true
  [ ! -d "$slow" ] || rmdir "$slow"
  echo "$pid_max" > /proc/sys/kernel/pid_max
  rm -rf "$dir"
}
trap clean_up EXIT

# --- Tracers -------------------------------------------------------------------------------------

# Each function here starts a tracer, sets `tracer`, and returns when it is ready.
follow() { start_nstrace --follow --no-keep --format audit "$@"; }
record() { start_nstrace record --no-keep --force "$dir/dump"; }

# The peers do not say when they are ready.
exits() {
  exitsnoop > /dev/null 2> "$dir/err" &
  tracer=$!
  sleep 1.5
}
perf_namespaces() {
  perf record -q -a -e dummy:u --namespaces -o "$dir/perf" 2> "$dir/err" &
  tracer=$!
  sleep 1.5
}
# The kernel's slow path of system calls, without a BPF program at its end.
slow_path() {
  mkdir "$slow"
  echo 1 > "$slow/events/syscalls/sys_exit_unshare/enable"
}
untraced() { tracer=''; }

end_tracer() {
  [ ! -d "$slow" ] || rmdir "$slow"
  [ -n "$tracer" ] || return 0
  kill -INT "$tracer"
  wait "$tracer" || true
  tracer=''
}

# spent: the processor time of the tracer's threads so far, in nanoseconds.
spent() { cat /proc/"$tracer"/task/*/schedstat | awk '{ n += $1 } END { print n }'; }

lost_by_nstrace() { sed -n 's/.* \([0-9]*\) lost$/\1/p' "$dir/err"; }
# perf's lines are "… PERF_RECORD_LOST lost 12".
lost_by_perf() {
  perf script -i "$dir/perf" --show-lost-events 2> /dev/null |
    awk '/PERF_RECORD_LOST / { n += $NF } END { print n + 0 }'
}

# --- What reading costs --------------------------------------------------------------------------

# cost TRACER EVENTS: prints the tracer's processor time in microseconds for each event of a storm of forks
cost() {
  local before count
  "$1"
  before=$(spent)
  read -r count _ < <("$storm" fork "$seconds")
  sleep 0.1
  calc "($(spent) - $before + 1) / 1000 / ($count * $2)" 4
  end_tracer
}

# compare_cost OTHER-NAME TRACER EVENTS GOAL: EVENTS is the other's number for a fork and an exit; ours is 2
compare_cost() {
  local a b verdict=-
  : > "$dir/a"; : > "$dir/b"; : > "$dir/r"
  for _ in $(seq "$rounds"); do
    a=$(cost follow 2) b=$(cost "$2" "$3")
    echo "$a" >> "$dir/a"; echo "$b" >> "$dir/b"; calc "$a / $b" >> "$dir/r"
  done
  [ "$4" = - ] || verdict=$(holds "$(median < "$dir/r") <= 0.1")
  row 'reader, an event of fork+exit' "$(calc "$(median < "$dir/a")") us" \
    "$1 $(calc "$(median < "$dir/b")") us" "$(median < "$dir/r")" "$4" \
    "$verdict, $(range < "$dir/r")"
}

# --- Loss ----------------------------------------------------------------------------------------

# storms WHAT COPIES: runs that many storms and prints how many calls they made
storms() {
  for _ in $(seq "$2"); do "$storm" "$1" "$seconds" & done > "$dir/storms"
  # A plain wait would wait for the tracer, too.
  # shellcheck disable=SC2046 # process IDs, a word each
  wait $(jobs -p | grep -vx "${tracer:-0}")
  awk '{ n += $1 } END { print n }' "$dir/storms"
}

# compare_loss FIGURE TRACER WHAT COPIES
compare_loss() {
  local made lost=0 theirs=0 rate=0
  for _ in $(seq "$rounds"); do
    "$2"; storms "$3" "$4" > "$dir/made"; end_tracer
    made=$(cat "$dir/made") lost=$((lost + $(lost_by_nstrace)))
    rate=$((rate + made))
    perf_namespaces; storms "$3" "$4" > /dev/null; end_tracer
    theirs=$((theirs + $(lost_by_perf)))
  done
  row "lost, $1" "$lost" "perf $theirs" - '0' \
    "$(holds "$lost == 0"), $(calc "$rate / $rounds / $seconds / 1000" 0)k/s"
}

# --- What is traced ------------------------------------------------------------------------------

# rate TRACER WHAT: prints the calls a second of processor time, with the tracer on another processor
rate() {
  local value
  "$1"
  read -r _ value < <(taskset -c 1 "$storm" "$2" "$seconds")
  echo "$value"
  end_tracer
}

# compare_rates WHAT: sets plain, ours and theirs to medians of rates, and kept and kept_by_perf to medians
# of the ratios to the untraced rate; leaves our ratios in $dir/r
compare_rates() {
  local plain_now ours_now theirs_now
  for file in p a b r s; do : > "$dir/$file"; done
  for _ in $(seq "$rounds"); do
    plain_now=$(rate untraced "$1") ours_now=$(rate follow "$1") theirs_now=$(rate perf_namespaces "$1")
    echo "$plain_now" >> "$dir/p"; echo "$ours_now" >> "$dir/a"; echo "$theirs_now" >> "$dir/b"
    calc "$ours_now / $plain_now" 3 >> "$dir/r"
    calc "$theirs_now / $plain_now" 3 >> "$dir/s"
  done
  plain=$(median < "$dir/p") ours=$(median < "$dir/a") theirs=$(median < "$dir/b")
  kept=$(median < "$dir/r") kept_by_perf=$(median < "$dir/s")
}

# slowdown FIGURE WHAT PER-CENT
slowdown() {
  compare_rates "$2"
  row "slowdown, $1" "$(calc "(1 / $kept - 1) * 100" 1) %" \
    "perf $(calc "(1 / $kept_by_perf - 1) * 100" 1) %" "$kept" "$3 % at most" \
    "$(holds "1 / $kept - 1 <= $3 / 100"), $(range < "$dir/r")"
}

# Prints how much longer a system call takes, in nanoseconds.
compare_system_calls() {
  local plain ours theirs
  : > "$dir/a"; : > "$dir/b"; : > "$dir/r"
  for _ in $(seq "$rounds"); do
    plain=$(rate untraced getppid) ours=$(rate follow_by_tracepoints getppid) theirs=$(rate slow_path getppid)
    calc "1e9 / $ours - 1e9 / $plain" 1 >> "$dir/a"
    calc "1e9 / $theirs - 1e9 / $plain" 1 >> "$dir/b"
    calc "$theirs / $ours" >> "$dir/r"
  done
  row 'getppid, by tracepoints, longer by' "$(median < "$dir/a") ns" \
    "slow path $(median < "$dir/b") ns" "$(median < "$dir/r")" '1.03 at most (noise)' \
    "$(holds "$(median < "$dir/r") <= 1.03"), $(range < "$dir/r")"
}
follow_by_tracepoints() { follow --hooks tracepoint; }

# --- Start and rest ------------------------------------------------------------------------------

# start TASKS MILLISECONDS
start() {
  for _ in $(seq $((2 * rounds))); do time_start --no-keep; done > "$dir/a"
  row "start, $1 tasks" "$(median < "$dir/a") ms" - - "$2 ms at most" \
    "$(holds "$(median < "$dir/a") <= $2"), $(range < "$dir/a")"
}

# look FIELD: sets `value`. Like `pause` it makes no process, because a fork would wake the tracer
look() {
  while read -r name value _ && [ "$name" != "$1:" ]; do :; done < "/proc/$tracer/status"
}
pause() { read -r -t "$1" -u 7 || true; }

# Other programs of the machine wake the tracer, too, so the quietest of several periods counts.
rest() {
  local name value before woken kib
  mkfifo "$dir/never"
  exec 7<> "$dir/never"
  follow
  sleep 1
  for _ in $(seq $((2 * rounds))); do
    look voluntary_ctxt_switches; before=$value
    pause 2
    look voluntary_ctxt_switches
    echo $((value - before))
    pause 0.2
  done > "$dir/a"
  woken=$(sort -n "$dir/a" | head -1)
  look VmHWM; kib=$value
  row 'idle, wake-ups in 2 s' "$woken" - - 0 "$(holds "$woken == 0"), $(range < "$dir/a")"
  row 'idle, memory' "$((kib >> 10)) MiB" - - '30 MiB at most' "$(holds "$kib <= 30 * 1024")"
  end_tracer
}

# --- The table -----------------------------------------------------------------------------------

mountpoint -q "$tracefs" || mount -t tracefs nodev "$tracefs"
# `perf --version` would fail where perf is a wrapper for another kernel.
for peer in exitsnoop perf; do
  command -v "$peer" > /dev/null || { echo "no $peer on this machine: not compared" >&2; exit 1; }
done

rest
processes=(/proc/[0-9]*)
start "${#processes[@]}" 100
begin_crowd 1 999
start 1,000 100
end_crowd
[ "$pid_max" -ge 200000 ] || echo 200000 > /proc/sys/kernel/pid_max
begin_crowd 100 999
start 100,000 1000
end_crowd
compare_cost exitsnoop exits 1 '0.10 at most'
compare_cost perf perf_namespaces 2 -
compare_loss '2 x fork' follow fork 2
compare_loss '2 x vfork' follow vfork 2
compare_loss 'unshare, audit lines' follow unshare 1
compare_loss 'unshare, raw' record unshare 1
slowdown fork fork 3
slowdown 'clone(NEWUTS)' clone 10
compare_rates unshare
row 'unshare(UTS), rate kept' "$((ours / 1000))k/s" "perf $((theirs / 1000))k/s, none $((plain / 1000))k/s" \
  "$kept" '0.75 at least' "$(holds "$kept >= 0.75"), $(range < "$dir/r")"
compare_system_calls
