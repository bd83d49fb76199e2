#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Records the golden dumps in guests of two kernels, so that a dump holds nothing of this machine. The
# programs are nsactor, unshare and ip netns. For each kernel:
#   linux-K.nsdump  the raw stream
#   linux-K.audit   what the live run printed
#   linux-K.json    what replay prints as JSON
#   linux-K.table   what replay prints as a table
# and for the newer kernel, with containers:
#   containers-K.nsdump, containers-K.audit, containers-K.json
#   containers-K.compare  where the eight policies differ
# Read the difference before you commit it: no test can find an error in a golden file.
set -euo pipefail

if [ $# -ne 3 ]; then
  echo "usage: record-fixtures.sh NSTRACE NSACTOR DIRECTORY" >&2
  exit 64
fi
nstrace=$1 nsactor=$2 directory=$3
here=$(dirname "$0")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for kernel in 6.1 6.12; do
  "$here/guest.sh" --kernel "$kernel" --add "$nstrace" --add "$nsactor" --add /usr/bin/unshare \
    --add /usr/bin/true --add "$(command -v ip)" --out "$out" "$here/fixture-scenes.sh"
  cp "$out/fixture.nsdump" "$directory/linux-$kernel.nsdump"
  cp "$out/fixture.audit" "$directory/linux-$kernel.audit"
  "$nstrace" replay --format json "$out/fixture.nsdump" > "$directory/linux-$kernel.json"
  "$nstrace" replay --format table "$out/fixture.nsdump" > "$directory/linux-$kernel.table"
done

kernel=6.12
"$here/guest.sh" --kernel "$kernel" --add "$nstrace" --add "$nsactor" --add /usr/bin/unshare \
  --add /usr/bin/nsenter --add /usr/bin/setpriv --add /usr/bin/true --add "$(command -v ip)" \
  --add "$here/scene.sh" --add "$here/../Scenarios/wait.sh" --out "$out" "$here/container-scenes.sh"
cp "$out/scene.nsdump" "$directory/containers-$kernel.nsdump"
cp "$out/audit" "$directory/containers-$kernel.audit"
"$nstrace" replay --format json "$out/scene.nsdump" > "$directory/containers-$kernel.json"
"$nstrace" compare "$out/scene.nsdump" --policy rfc --policy kernel-v11 --policy write-once \
  --policy nested --policy automatic --policy random-only --policy tags --policy xid \
  > "$directory/containers-$kernel.compare"
