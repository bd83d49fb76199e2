# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Calls by a task that has a terminal, for the field tty.
for kind in --uts --ipc --net --mount --cgroup; do
  script -qec "unshare $kind true" typescript >said
done
