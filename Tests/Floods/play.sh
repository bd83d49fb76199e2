#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Floods by nobody beside 1,000 calls of root in a container: what is recorded of each, and the
# tracer's memory before and afterwards. Fails if one of root's calls is missing or has no ID, if a record
# is lost that is not the flooder's, if recorded and told calls of the flooder are not all that it
# made, or if the memory does not come back within 10 %.
# usage: play.sh NSTRACE NSACTOR [REST [FLOOD...]]
#   REST: seconds until memory is read again (60)
#   FLOOD: the first word of a row of the table; all of them
set -Eeuo pipefail
nstrace=$1 nsactor=$2 rest=${3:-60}
shift $(($# < 3 ? $# : 3))
chosen=("$@")
scratch=$(mktemp -d)
directory=
failures=0
# The memory is read after a first flood, which fills what the tracer keeps ready, and once it has given
# back what it does not keep (MemoryTrim).
readonly warm=3 trimmed=15

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
    [ -z "$directory" ] || find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT

# The memory of process $1 in kilobytes.
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

# await FILE TEXT: until the file has it.
await() { until grep -q -- "$2" "$1" 2>/dev/null; do sleep 0.1; done; }

# begin ARGUMENT...: starts the flooder, which goes on until `end`.
begin() {
    mkfifo "$scratch/gate"
    "$nsactor" "$@" <"$scratch/gate" >"$scratch/flood" &
    flooder=$!
    exec 7>"$scratch/gate"
}

end() {
    exec 7>&-
    wait "$flooder"
    rm "$scratch/gate"
}

# start OPTION...: starts a tracer, and warms it.
start() {
    : >"$scratch/err"
    : >"$scratch/out"
    "$nstrace" --follow --no-keep --format json --control "$scratch/control" "$@" \
        >>"$scratch/out" 2>>"$scratch/err" &
    tracer=$!
    await "$scratch/err" following
    begin flood 4
    sleep "$warm"
    end
    sleep "$trimmed"
    before=$(resident "$tracer")
    : >"$scratch/out"
}

finish() {
    sleep "$rest"
    after=$(resident "$tracer")
    kill -INT "$tracer"
    wait "$tracer"
}

# Root's thousand calls, in container 4242.
root_acts() {
    mkfifo "$scratch/start"
    sh -c 'read -r go && exec "$@"' sh "$nsactor" busy-unshare 1 1000 <"$scratch/start" >/dev/null &
    local actor=$!
    exec 6>"$scratch/start"
    "$nstrace" register --control "$scratch/control" --pid "$actor" 4242 >/dev/null
    echo go >&6
    exec 6>&-
    wait "$actor"
    rm "$scratch/start"
}

# Root's calls with the ID, the flooder's, those told as held back, and records lost for other
# causes.
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
        if record["syscall"] in (272, 308) and record["uid"] != 0: nobody.add(record["serial"])
    elif record["type"] == "NS_CREATE" and record["contid"] == ["4242"]:
        root.add(record["serial"])
print(len(root), len(nobody), told, others)
END
}

# row NAME [quiet]: a line of the table. Unless `quiet`, each of the flooder's calls must be recorded or told.
row() {
    local made root nobody told others
    made=$(sed -n 's/flood.made=//p' "$scratch/flood")
    read -r root nobody told others < <(count)
    printf '| %s | %d | %d of 1000 | %d | %d | %d | %d kB | %d kB |\n' \
        "$1" "$made" "$root" "$nobody" "$told" "$others" "$before" "$after"
    ((root == 1000 && others == 0 && after * 10 <= before * 11)) || failures=$((failures + 1))
    [ "${2-}" = quiet ] || ((nobody + told == made)) || failures=$((failures + 1))
}

is_chosen() {
    [ ${#chosen[@]} = 0 ] || [[ " ${chosen[*]} " == *" $1 "* ]]
}

# cgroup MOUNT: makes a cgroup that nobody owns, and may move its processes in.
cgroup() {
    directory=$1/nstrace-flood-$$
    mkdir "$directory"
    chown 65534 "$directory" "$directory"/cgroup.procs
}

# in_cgroup ARGUMENT...: as `begin`, from within that cgroup.
in_cgroup() {
    mkfifo "$scratch/gate"
    sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$directory" "$nsactor" "$@" \
        <"$scratch/gate" >"$scratch/flood" &
    flooder=$!
    exec 7>"$scratch/gate"
}

leave_cgroup() {
    find "$directory" -depth -type d -exec rmdir {} +
    directory=
}

mount_of() { findmnt -n -o TARGET -t "$1" ${2:+-O "$2"} | head -n 1; }

# in_own_cgroup FLOOD MOUNT COUNT NAME: a row of a flooder in a cgroup that nobody owns.
in_own_cgroup() {
    is_chosen "$1" || return 0
    cgroup "$2"
    start --containers cgroup
    in_cgroup "flood-$1" "$directory" "$3"
    await "$scratch/flood" flood.ready
    root_acts
    end
    finish
    row "$4" quiet
    leave_cgroup
}

echo "| flood | calls | root's recorded | flooder's recorded | told | lost of others | memory before | $rest s after |"
echo '|---|---|---|---|---|---|---|---|'
for threads in 1 4 16; do
    is_chosen threads || continue
    start
    begin flood "$threads"
    await "$scratch/flood" flood.ready
    root_acts
    end
    finish
    row "threads: $threads"
done
if is_chosen users; then
    start
    "$nsactor" flood-users 1000 200 >"$scratch/flood" &
    flooder=$!
    root_acts
    wait "$flooder"
    finish
    row 'users, subordinate: 1000'
fi
if is_chosen setns; then
    start
    begin flood-setns 250 4
    await "$scratch/flood" flood.ready
    sed -n 's/flood.target=//p' "$scratch/flood" | while read -r pid; do
        "$nstrace" register --control "$scratch/control" --pid "$pid" --random --include-descendants >/dev/null
    done
    echo go >&7
    sleep 1
    root_acts
    end
    finish
    # A call is no event if it returns to where the stream has its thread: the call between was held back.
    row 'setns between two sets of 250 containers' quiet
fi
in_own_cgroup moves "$(mount_of cgroup2)" 27000 'moves of 27,000 threads'
in_own_cgroup renames "$(mount_of cgroup name=systemd)" 3000 'renames beside 3,000'
in_own_cgroup cgroups "$(mount_of cgroup name=systemd)" 66000 'cgroups: 66,000'
exit $((failures > 0))
