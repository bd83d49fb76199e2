#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Floods by nobody beside 1,000 calls of root: what is recorded of each, and the tracer's memory
# before and afterwards. Fails if one of root's calls is missing, if a record is lost that is not
# the flooder's, or if recorded and told calls of the flooder are not all that it made.
# usage: play.sh NSTRACE NSACTOR [REST]
#   REST: seconds until memory is read again (60)
set -Eeuo pipefail
nstrace=$1 nsactor=$2 rest=${3:-60}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

start() {
    : >"$scratch/err"
    "$nstrace" --follow --format json >"$scratch/out" 2>>"$scratch/err" &
    tracer=$!
    until grep -q following "$scratch/err"; do sleep 0.1; done
    before=$(resident "$tracer")
}

finish() {
    sleep "$rest"
    after=$(resident "$tracer")
    kill -INT "$tracer"
    wait "$tracer"
}

# flood_threads N: prints how many calls the flood made.
flood_threads() {
    mkfifo "$scratch/gate"
    "$nsactor" flood "$1" <"$scratch/gate" >"$scratch/flood" &
    local flood=$!
    exec 7>"$scratch/gate"
    sleep 0.5
    "$nsactor" busy-unshare 1 1000 >/dev/null
    exec 7>&-
    wait "$flood"
    rm "$scratch/gate"
}

flood_users() {
    "$nsactor" flood-users "$1" 200 >"$scratch/flood" &
    local flood=$!
    "$nsactor" busy-unshare 1 1000 >/dev/null
    wait "$flood"
}

# Root's calls of unshare, the flooder's, those told as held back, and records lost for other causes.
count() {
    python3 - "$scratch/out" <<'END'
import json, sys
root, nobody, told, others = set(), set(), 0, 0
for line in open(sys.argv[1]):
    record = json.loads(line)
    if record["type"] == "NS_LOST":
        if record.get("cause") != "share": others += record["lost"]
        elif record["kind"] == "switch": told += record["lost"]
    elif record["type"] == "SYSCALL" and record["comm"] == "nsactor" and record["success"]:
        if record["syscall"] == 272:
            (root if record["uid"] == 0 and record["euid"] == 0 else nobody).add(record["serial"])
print(len(root), len(nobody), told, others)
END
}

row() {
    local made root nobody told others
    made=$(sed -n 's/flood.made=//p' "$scratch/flood")
    read -r root nobody told others < <(count)
    printf '| %s | %d | %d of 1000 | %d | %d | %d | %d kB | %d kB |\n' \
        "$1" "$made" "$root" "$nobody" "$told" "$others" "$before" "$after"
    ((root == 1000 && others == 0 && nobody + told == made)) || failures=$((failures + 1))
}

echo "| flood | calls | root's recorded | flooder's recorded | told | lost of others | memory before | $rest s after |"
echo '|---|---|---|---|---|---|---|---|'
for threads in 1 4 16; do
    start
    flood_threads "$threads"
    finish
    row "threads: $threads"
done
start
flood_users 1000
finish
row 'subordinate users: 1000'
exit $((failures > 0))
