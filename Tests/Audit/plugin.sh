#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `nstrace audisp` as a plugin of the real auditd, with a configuration of its own: what it writes is auditd's log
# with the container ID of each event of a container's process, and of no other. Needs root, and that no auditd runs.
#
# usage: plugin.sh NSTRACE [EVENTS]
#
# Exit status: 0 all is as expected, 1 it is not, 64 wrong usage, 69 kernel audit cannot be used.
set -euo pipefail

die() {
  local status=$1
  shift
  echo "plugin.sh: $*" >&2
  exit "$status"
}

[ $# -ge 1 ] || die 64 'usage: plugin.sh NSTRACE [EVENTS]'
nstrace=$(realpath "$1") events=${2:-500}
PATH=$PATH:/usr/sbin:/sbin
command -v auditd auditctl ausearch >/dev/null || die 69 'install auditd'
[ "$(auditctl -s | awk '$1 == "pid" { print $2 }')" = 0 ] || die 69 'an auditd runs already'

key=nstrace-plugin-$$ login=$((792000 + $$ % 900))
place=$(mktemp -d) daemon='' tracer='' member=''
enabled=$(auditctl -s | awk '$1 == "enabled" { print $2 }')
backlog=$(auditctl -s | awk '$1 == "backlog_limit" { print $2 }')

stop() { [ -z "$1" ] || { kill -TERM "$1" && wait "$1"; } 2>/dev/null || true; }

cleanup() {
  auditctl -D -k "$key" >/dev/null 2>&1 || true
  auditctl -e "$enabled" >/dev/null 2>&1 || true
  auditctl -b "$backlog" >/dev/null 2>&1 || true
  stop "$member"
  stop "$daemon"
  stop "$tracer"
  rm -rf "$place"
}
trap cleanup EXIT

wait_for() {
  local what=$1 end=$((SECONDS + 30))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || { cat "$place"/*.said >&2; die 1 "no $what within 30 s"; }
    sleep 0.05
  done
}

mkdir -m 0750 "$place/auditd" "$place/auditd/plugins.d"
cat >"$place/auditd/auditd.conf" <<END
log_file = $place/auditd/audit.log
log_format = RAW
flush = NONE
max_log_file = 512
max_log_file_action = IGNORE
space_left = 2
admin_space_left = 1
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
name_format = NONE
q_depth = 20000
plugin_dir = $place/auditd/plugins.d
END
# auditd gives a plugin two arguments at most.
cat >"$place/plugin" <<END
#!/bin/sh
exec "$nstrace" audisp --output "$place/nstrace.log" --control "$place/control" 2>"$place/plugin.said"
END
chmod 0750 "$place/plugin"
sed -e 's/^active = no/active = yes/' -e "s|^path = .*|path = $place/plugin|" -e '/^args/d' \
  "$(dirname "$0")/../../packaging/plugins.d/nstrace.conf" >"$place/auditd/plugins.d/nstrace.conf"
chmod 0640 "$place/auditd/auditd.conf" "$place/auditd/plugins.d/nstrace.conf"

"$nstrace" --follow --audit-joins --no-keep --format none --control "$place/control" 2>"$place/tracer.said" &
tracer=$!
wait_for 'tracer that follows' grep -q 'nstrace: following' "$place/tracer.said"

auditd -n -c "$place/auditd" >"$place/auditd.said" 2>&1 &
daemon=$!
wait_for 'plugin' test -e "$place/nstrace.log"
auditctl -b 65536 >/dev/null
auditctl -e 1 >/dev/null
auditctl -a always,exit -F arch=b64 -S execve -F "auid=$login" -k "$key"

# Two logins' shells that execute programs: one is a member of container 42.
# shellcheck disable=SC2016
run='echo "$1" >/proc/self/loginuid; read -r x; n=0; while [ $n -lt "$2" ]; do /bin/true "$3"; n=$((n + 1)); done'
mkfifo "$place/go"
sh -c "$run" sh "$login" "$events" inside <"$place/go" &
member=$!
exec 3>"$place/go"
"$nstrace" register --control "$place/control" --pid "$member" 42 >/dev/null
echo >&3
sh -c "$run" sh "$login" "$events" outside <<<''
exec 3>&-
wait "$member" && member=''
written() { [ "$(grep -c "^type=SYSCALL .*key=\"$key\"" "$1" || true)" -ge $((2 * events)) ]; }
wait_for 'events in the log' written "$place/auditd/audit.log"
auditctl -D -k "$key" >/dev/null
auditctl -e "$enabled" >/dev/null
kill -TERM "$daemon" && wait "$daemon" && daemon=''
wait_for 'end of the plugin' grep -q ' lines, ' "$place/plugin.said"

added=$(grep -c '^type=UNKNOWN\[1394\] ' "$place/nstrace.log" || true)
# auditd says a last word when its plugins have gone.
grep -v '^type=UNKNOWN\[1394\] ' "$place/nstrace.log" >"$place/others"
grep -v '^type=DAEMON_' "$place/auditd/audit.log" | cmp - <(grep -v '^type=DAEMON_' "$place/others") ||
  die 1 'without the added lines the log is not the one that auditd wrote'
inside=$(grep -c 'a1="inside"' "$place/nstrace.log" || true)
wrong=$(ausearch -if "$place/nstrace.log" -k "$key" 2>/dev/null | awk '
  /^----/ { if (seen && inside != named) print; seen = inside = named = 0 }
  /type=EXECVE/ { seen = 1; inside = /a1="inside"/ ? 1 : 0 }
  /UNKNOWN\[1394\].* contid="42" rel=member/ { named = 1 }
  END { if (seen && inside != named) print }' | wc -l)
cat "$place/plugin.said"
[ "$inside" -eq "$events" ] || die 1 "$inside execs inside, not $events"
[ "$wrong" -eq 0 ] || die 1 "$wrong events have another ID than their process"
grep -q '^nstrace: warning' "$place/plugin.said" && die 1 'events went through without an answer'
echo "plugin.sh: $added events of the container's, $events each inside and outside, all as expected"
