# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For play.sh, the commands of scenarios, and the scenes of guests, each of which has a `fail` of its own.

# wait_until SENTENCE COMMAND...: for at most half a minute.
wait_until() {
  what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 600 ] || fail "waited in vain until $what"
    sleep 0.05
  done
}
