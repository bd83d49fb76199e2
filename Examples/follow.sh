#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs follow-namespaces (as root) while UTS namespaces are made. Fails if it prints none of them.
set -euo pipefail

output=$(mktemp)
trap 'rm -f "$output"' EXIT

"$1" 3 >"$output" &
while kill -0 $! 2>/dev/null; do unshare -u sleep 0.1; done
wait $!
grep -m 1 '^create uts ' "$output"
