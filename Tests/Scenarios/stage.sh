# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables are for commands, and of play.sh
#
# Functions for the commands of a scenario. play.sh sources this file before them. They run in an
# empty directory under `sh -eu`, and fail by their exit status.

fail() {
  echo "scenario: $*" >&2
  exit 1
}

# This file is the shell's $0.
. "${0%/*}/wait.sh"

# refused COMMAND...: requires that the command fails.
refused() {
  if "$@"; then fail "not refused: $*"; fi
}

# hold COMMAND...: starts the command with its standard input open until `release`; sets $held to
# its pid.
hold() {
  rm -f gate
  mkfifo gate
  "$@" <gate &
  held=$!
  exec 9>gate
}

# Ends the held command; its exit status is returned.
release() {
  exec 9>&-
  wait "$held"
}

# runs PROCESS NAME: whether the program of that process has that name.
runs() { [ "$(cat "/proc/$1/comm")" = "$2" ]; }

# await_program PROCESS NAME: waits until the process runs that program.
await_program() { wait_until "$1 runs $2" runs "$1" "$2"; }

has_child() { [ -n "$(cat "/proc/$1/task/$1/children")" ]; }

# await_child PROCESS: waits until the process has a child; sets $child to its pid.
await_child() {
  wait_until "$1 has a child" has_child "$1"
  child=$(cat "/proc/$1/task/$1/children")
  child=${child%% *}
}

# All scenarios share an nstrace, whose control socket is $place/control. A scenario may need one of
# its own, whose records are then the scenario's: follow [OPTION...] starts it, unfollow ends it.
follow() {
  : >"$place/own.errors"
  "$nstrace" --follow --no-keep --format audit --hooks "$hooks" --control "$place/own-control" "$@" \
    >"$place/own-$auid" 2>"$place/own.errors" 9>&- &
  tracer=$!
  wait_until 'nstrace follows' grep -q '^nstrace: following' "$place/own.errors"
}

# Requires that it lost no record.
unfollow() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat "$place/own.errors")"
  grep -q ' 0 lost$' "$place/own.errors" || fail "$(cat "$place/own.errors")"
}
