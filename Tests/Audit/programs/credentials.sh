# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Calls by tasks whose user and group IDs all differ: one succeeds, one is refused.
for number in 1 2 3 4 5 6 7 8; do
  setpriv --ruid $((1000 + number)) --euid $((2000 + number)) --rgid $((3000 + number)) \
    --egid $((4000 + number)) --clear-groups unshare --user true
  ! setpriv --reuid $((5000 + number)) --regid $((6000 + number)) --clear-groups unshare --uts true
done 2>said
