# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # variables are for commands, and of play.sh
#
# What the commands of a scenario find besides nsactor: read in by play.sh before them. They run in
# an empty directory, by `sh -eu`, and fail by their exit status.

fail() {
  echo "scenario: $*" >&2
  exit 1
}

# This file is the shell's $0.
. "${0%/*}/wait.sh"

# refused COMMAND...: it must fail.
refused() {
  if "$@"; then fail "not refused: $*"; fi
}

# hold COMMAND...: runs it until `release`, with its standard input open; its process is $held.
hold() {
  rm -f gate
  mkfifo gate
  "$@" <gate &
  held=$!
  exec 9>gate
}

# Lets it go; what it returns is what it ended with.
release() {
  exec 9>&-
  wait "$held"
}

# runs PROCESS NAME: that is the name of its program.
runs() { [ "$(cat "/proc/$1/comm")" = "$2" ]; }

# await_program PROCESS NAME: until it runs.
await_program() { wait_until "$1 runs $2" runs "$1" "$2"; }

has_child() { [ -n "$(cat "/proc/$1/task/$1/children")" ]; }

# await_child PROCESS: until there is one; it is $child.
await_child() {
  wait_until "$1 has a child" has_child "$1"
  child=$(cat "/proc/$1/task/$1/children")
  child=${child%% *}
}

# The control socket of the nstrace that all share is $place/control. For a scenario that needs one of
# its own, whose records are then the scenario's: follow [OPTION...] starts it, unfollow ends it.
follow() {
  : >"$place/own.errors"
  "$nstrace" --follow --format audit --hooks "$hooks" --control "$place/own-control" "$@" \
    >"$place/own-$auid" 2>"$place/own.errors" 9>&- &
  tracer=$!
  wait_until 'nstrace follows' grep -q '^nstrace: following' "$place/own.errors"
}

# It must have lost nothing.
unfollow() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat "$place/own.errors")"
  grep -q ' 0 lost$' "$place/own.errors" || fail "$(cat "$place/own.errors")"
}
