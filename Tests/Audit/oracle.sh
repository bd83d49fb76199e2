#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Compares nstrace's SYSCALL and PROCTITLE records with those of the kernel's own audit for the same calls, field by
# field. Needs root and the initial network namespace, but no auditd.
set -euo pipefail

usage() {
  cat <<'END_OF_USAGE'
usage: oracle.sh [--minimum N] [--hooks tracepoint|fentry] [--keep DIRECTORY] NSTRACE NSACTOR [SCENARIO...]

Switches kernel audit on, plays the scenarios (all, or those named) and Tests/Audit/programs under nstrace, and
compares the records.

  --minimum N       fail if fewer than N records could be compared; 500 unless given
  --hooks TIER      nstrace's --hooks; tracepoint unless given
  --keep DIRECTORY  keep the records there: kernel, ours, results

Kernel audit is switched back at every exit, and only the added rules are deleted. Once audit has been on, the
kernel gives every new task an audit context until the machine restarts.
Exit status: 0 all agree, 1 a field differs, a record is missing or too few were compared, 64 wrong usage, 69
kernel audit cannot be used.
END_OF_USAGE
}

die() {
  local status=$1
  shift
  echo "oracle.sh: $*" >&2
  exit "$status"
}

minimum=500 hooks=tracepoint keep=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --minimum | --hooks | --keep)
      [ $# -gt 1 ] || die 64 "$1 needs a value; see oracle.sh --help"
      declare "${1#--}=$2"
      shift
      ;;
    -*) die 64 "unknown option $1; see oracle.sh --help" ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 2 ] || die 64 'NSTRACE and NSACTOR are missing; see oracle.sh --help'
[[ $minimum =~ ^[0-9]+$ ]] || die 64 '--minimum must be a number'
case $hooks in tracepoint | fentry) ;; *) die 64 '--hooks must be tracepoint or fentry' ;; esac

here=$(cd "$(dirname "$0")" && pwd)
nstrace=$(realpath "$1") nsactor=$(realpath "$2")
shift 2
PATH=$PATH:/usr/sbin:/sbin

# The key of our rules, and the login uids of the compared tasks. No other task has these uids.
key=nstrace-oracle-$$
first_uid=790000 last_uid=790999 marker_uid=790999
# Audit's queue must hold thousands of records that are made at once.
backlog=65536

place=$(mktemp -d)
tracer='' collector='' player='' enabled='' backlog_before=''

stop() {
  local process=$1 signal=$2
  [ -z "$process" ] || { kill "-$signal" "$process" && wait "$process"; } 2>/dev/null || true
}

# Can be called twice.
restore_audit() {
  [ -n "$enabled" ] || return 0
  auditctl -D -k "$key" >/dev/null 2>&1 || true
  auditctl -b "$backlog_before" >/dev/null 2>&1 || true
  auditctl -e "$enabled" >/dev/null 2>&1 || echo "oracle.sh: kernel audit stays switched on" >&2
  enabled=''
}

cleanup() {
  stop "$player" TERM
  stop "$tracer" INT
  stop "$collector" TERM
  restore_audit
  if [ -n "$keep" ]; then mkdir -p "$keep" && cp "$place"/{kernel,ours,results} "$keep"; fi
  rm -rf "$place"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

fail() { die 1 "$*"; }
. "$here/../Scenarios/wait.sh"

audit_status() { auditctl -s | awk -v name="$1" '$1 == name { print $2 }'; }

# Exits if audit could not give us records, or another program would lose its records.
require_audit() {
  local now
  now=$(audit_status enabled) || die 69 'kernel audit gives no status; that needs root and CAP_AUDIT_CONTROL'
  [ -n "$now" ] || die 69 'kernel audit gives no status; that needs root and CAP_AUDIT_CONTROL'
  [ "$now" != 2 ] || die 69 'kernel audit is locked until the machine restarts (auditctl -e 2)'
  [ "$(audit_status pid)" = 0 ] || die 69 "process $(audit_status pid) is the audit daemon; stop it first"
  ! auditctl -l | grep -q -- '-a never,task\|-A never,task' || die 69 'a rule keeps tasks from being audited (never,task)'
}

switch_audit_on() {
  local arch rule
  lost_before=$(audit_status lost)
  backlog_before=$(audit_status backlog_limit)
  enabled=$(audit_status enabled)
  auditctl -b "$backlog" >/dev/null
  auditctl -e 1 >/dev/null
  [ "$(audit_status enabled)" = 1 ] || die 69 'kernel audit cannot be switched on'
  # fork, vfork and execve, too: nstrace reports with them moves that no flag has asked for.
  for arch in b64 b32; do
    rule="-a always,exit -F arch=$arch -S clone,clone3,fork,vfork,unshare,setns,execve,execveat"
    # shellcheck disable=SC2086 # words of an option each
    auditctl $rule -F auid\>=$first_uid -F auid\<=$last_uid -k "$key" >/dev/null ||
      die 69 'a rule cannot be added to kernel audit'
  done
}

require_still_on() {
  [ "$(audit_status enabled)" = 1 ] || fail 'another program has switched kernel audit off'
  [ "$(audit_status lost)" = "$lost_before" ] || fail "kernel audit has lost records: $(audit_status lost)"
}

start_collector() {
  : >"$place/collector"
  "$here/collect.py" "$place/kernel" >"$place/collector" 8>&- &
  collector=$!
  listens() {
    kill -0 "$collector" 2>/dev/null || fail 'the collector has ended'
    grep -q '^listening' "$place/collector"
  }
  wait_until 'the collector listens' listens
}

start_tracer() {
  : >"$place/errors"
  "$nstrace" --follow --no-keep --format audit --hooks "$hooks" >"$place/ours" 2>"$place/errors" 8>&- &
  tracer=$!
  follows() {
    kill -0 "$tracer" 2>/dev/null || fail "nstrace has ended: $(cat "$place/errors")"
    grep -q '^nstrace: following' "$place/errors"
  }
  wait_until 'nstrace follows' follows
}

# Makes a call of its own and waits until both sides have its record. Then all earlier records have been written.
mark_end() {
  (echo "$marker_uid" >/proc/self/loginuid && exec unshare -u true)
  told() { grep -qa "^type=SYSCALL .* auid=$marker_uid .*comm=\"unshare\"" "$1"; }
  wait_until 'the kernel has written all records' told "$place/kernel"
  wait_until 'nstrace has written all records' told "$place/ours"
}

play() {
  "$here/../Scenarios/play.sh" --hooks "$hooks" --login-uids "$first_uid" --results "$place/results" \
    "$nstrace" "$nsactor" "$@" >"$place/played" 2>&1 8>&- &
  player=$!
  wait "$player" || { cat "$place/played" >&2 && fail 'a scenario failed'; }
  player=''
  tail -n 1 "$place/played"
}

# Runs the programs, each with a login uid of its own, as scenarios have.
run_programs() {
  local uid program name
  uid=$((first_uid + $(wc -l <"$place/results")))
  for program in "$here"/programs/*.sh; do
    name=$(basename "$program" .sh) uid=$((uid + 1))
    mkdir "$place/$name"
    (
      echo "$uid" >/proc/self/loginuid
      cd "$place/$name"
      PATH=$(dirname "$nsactor"):$PATH exec /bin/sh -eu "$program"
    ) >"$place/said" 2>&1 8>&- || { cat "$place/said" >&2 && fail "$name failed"; }
    echo "$name" >>"$place/results"
    rm -rf "${place:?}/$name"
  done
}

[ "$(id -u)" = 0 ] || die 69 'kernel audit needs root'
# One at a time: all of the machine shares kernel audit.
exec 8>/run/nstrace-oracle-audit.lock
flock -w 300 8 || die 69 'another oracle.sh is running'

require_audit
start_collector
switch_audit_on
start_tracer
play "$@"
run_programs
mark_end
kill -INT "$tracer"
wait "$tracer" || fail "nstrace ended with $?: $(cat "$place/errors")"
tracer=''
grep -q ' 0 lost$' "$place/errors" || fail "nstrace has lost records: $(tail -n 1 "$place/errors")"
require_still_on
restore_audit
kill -TERM "$collector"
wait "$collector" || fail 'records of the kernel are missing'
collector=''

compared=(--minimum "$minimum" --hooks "$hooks" --login-uids "$first_uid-$last_uid" --results "$place/results"
  "$place/kernel" "$place/ours")
"$here/compare.py" "${compared[@]}"
# Checks that compare.py can fail.
"$here/faults.py" "${compared[@]}"
