#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel's audit at 30,000 events a second: what nstrace takes of CPU for each, beside a bare reader in C, and the lines of a
# log that annotate does in a second. Needs root, and starts auditd if none runs.
set -euo pipefail
nstrace=$(realpath "$1") audit=$(realpath "$2") rate=${3:-30000} seconds=${4:-5}
PATH=$PATH:/usr/sbin:/sbin
key=nstrace-bench-$$ login=$((792000 + $$ % 900))
place=$(mktemp -d)
tracer='' auditd=''

status() { auditctl -s | awk -v name="$1" '$1 == name { print $2 }'; }
enabled=$(status enabled) backlog=$(status backlog_limit)

cleanup() {
  [ -z "$tracer" ] || kill -INT "$tracer" 2>/dev/null || true
  auditctl -D -k "$key" >/dev/null 2>&1 || true
  auditctl -e "$enabled" >/dev/null 2>&1 || true
  auditctl -b "$backlog" >/dev/null 2>&1 || true
  [ -z "$auditd" ] || kill "$auditd" 2>/dev/null || true
  rm -rf "$place"
}
trap cleanup EXIT

exec 8>/run/nstrace-oracle-audit.lock
flock 8
if [ "$(status pid)" = 0 ]; then
  mkdir -p "$place/auditd/plugins.d"
  chmod 750 "$place/auditd"
  # Without a log: only the readers beside it are measured.
  cat >"$place/auditd/auditd.conf" <<END
write_logs = no
log_file = $place/auditd/audit.log
local_events = yes
name_format = NONE
plugin_dir = $place/auditd/plugins.d
space_left = 2
admin_space_left = 1
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
END
  chmod 640 "$place/auditd/auditd.conf"
  auditd -n -c "$place/auditd" >/dev/null 2>&1 8>&- &
  auditd=$!
  until [ "$(status pid)" = "$auditd" ]; do kill -0 "$auditd"; done
fi
auditctl -b 65536 >/dev/null
auditctl -e 1 >/dev/null
auditctl -a always,exit -F arch=b64 -S getppid -F auid=$login -k "$key"

load() { (echo $login >/proc/self/loginuid && exec "$audit" load "$rate" "$seconds"); }
# user and system ticks
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

lost=$(status lost)
"$audit" read $((seconds + 2)) >"$place/bare" 8>&- &
reader=$!
load >"$place/made"
wait "$reader"
echo "bare reader: $(cat "$place/bare") of $(cat "$place/made"); the kernel lost $(($(status lost) - lost))"

for output in "--format none" "--format none --audit-log $place/log" "--format none --record $place/x.nsdump"; do
  lost=$(status lost)
  # shellcheck disable=SC2086 # words of an option each
  "$nstrace" --follow --no-keep --control "$place/control" --audit-events $output >"$place/out" 2>"$place/said" 8>&- &
  tracer=$!
  until grep -q 'nstrace: following' "$place/said"; do kill -0 "$tracer"; sleep 0.1; done
  before=$(ticks "$tracer")
  load >"$place/made"
  sleep 0.5
  after=$(ticks "$tracer")
  peak=$(awk '/VmHWM/ { print $2 }' "/proc/$tracer/status")
  kill -INT "$tracer"
  wait "$tracer" || true
  tracer=''
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v made="$(cat "$place/made")" -v peak="$peak" \
    -v how="$output" -v lost=$(($(status lost) - lost)) \
    'BEGIN { printf "nstrace %s: %.2f us an event, %d events, peak %d MiB, the kernel lost %d; ", how, ticks / hz * 1e6 / made, made, peak / 1024, lost }'
  tail -n 1 "$place/said"
  rm -f "$place/log"
done

# The recording's own events, as auditd would have logged them.
"$nstrace" replay --format none --audit-log "$place/log" "$place/x.nsdump" 2>/dev/null
TIMEFORMAT='%R'
{ time "$nstrace" annotate --dump "$place/x.nsdump" "$place/log" >"$place/annotated" 2>/dev/null; } 2>"$place/time"
awk -v lines="$(wc -l <"$place/log")" '{ printf "nstrace annotate: %d lines in %s s, %d a second\n", lines, $1, lines / $1 }' "$place/time"
