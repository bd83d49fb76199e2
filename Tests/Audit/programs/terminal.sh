# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# From a terminal.
for kind in --uts --ipc --net --mount --cgroup; do
  script -qec "unshare $kind true" typescript >said
done
