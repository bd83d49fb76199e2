# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by play.sh, by the commands of scenarios and by the scenes of guests, each with a `fail`
# of its own.

# wait_until SENTENCE COMMAND...: waits until the command succeeds, for five minutes at most: a busy
# machine makes an emulated one wait.
wait_until() {
  what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 6000 ] || fail "waited in vain until $what"
    sleep 0.05
  done
}
