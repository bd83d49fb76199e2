#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command beside 20 busy processes a core, and says what the load average was.
#
# Usage: busy.sh COMMAND [ARGUMENT...]
set -euo pipefail
busy=()
trap 'kill "${busy[@]}"' EXIT
for ((count = 20 * $(nproc); count > 0; count--)); do
  # Of the same session: the kernel shares a processor between sessions first (sched_autogroup_enabled).
  sh -c 'while :; do :; done' &
  busy+=($!)
done
status=0
"$@" || status=$?
echo "beside ${#busy[@]} busy processes; load average $(cut -d ' ' -f 1-3 /proc/loadavg)"
exit $status
