# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by scenes in a guest: `. /root/scene.sh`. A scene that fails has an exit status other than 0.

# shellcheck source=../Scenarios/wait.sh
. /root/wait.sh

fail() {
  echo "scene: $*" >&2
  exit 1
}

# follow [OPTION...]: starts nstrace, which writes /out/audit and /out/scene.nsdump.
follow() {
  : >/out/errors
  nstrace --follow --format audit --record /out/scene.nsdump --force "$@" >/out/audit 2>/out/errors &
  tracer=$!
  wait_until 'nstrace follows' grep -q '^nstrace: following' /out/errors
}

# unfollow: ends nstrace, which must have lost nothing.
unfollow() {
  kill -INT "$tracer"
  wait "$tracer" || fail "nstrace ended with $?: $(cat /out/errors)"
  grep -q ' 0 lost$' /out/errors || fail "$(cat /out/errors)"
}

# count PATTERN: how many lines of the records match this extended regular expression.
count() { grep -cE "$1" /out/audit; }

# expect NUMBER PATTERN
expect() {
  found=$(count "$2") || true
  [ "$found" = "$1" ] || fail "$found records, not $1, match: $2"
}

# field NAME PATTERN: the value of a field in the first record that matches.
field() { grep -E "$2" /out/audit | head -n 1 | sed -n "s/.* $1=\([^ ]*\).*/\1/p" | tr -d '"'; }
