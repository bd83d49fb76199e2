#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Container IDs outlive the tracer (docs/identity.md). In each round a container begins and another ends, and the tracer
# is killed, interrupted or replaced by another build, all at random moments. After a random time a tracer starts again.
# Then every task of every container must have its container's ID and no other task has one, and a task must not be
# registered again. In the end each container must have ended once. The containers fork all the time, and the parents
# of what they fork end. Which tasks a container has is read from its cgroup, or asked of its runtime.
#
# Usage: rounds.sh NSTRACE OTHER ROUNDS [RUNTIME]
#   OTHER: an nstrace with another keeper's program (other.py), which each puts in place of the other's
#   RUNTIME: runc or crun. Every fourth container is then the runtime's, and registered by its hook.
# TRACER_OPTIONS in the environment: options for the tracer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nstrace=$(realpath "$1") other=$(realpath "$2") rounds=$3 runtime=${4-}
# shellcheck source=../Scenarios/wait.sh
. "${WAIT:-$here/../Scenarios/wait.sh}"

# How many containers there are at once.
most=4
# What is said in the end.
kills=0 interrupts=0 replacements=0 renewed=0 looked=0 refused=0 untold=0 whole=0 unborn=0

fail() {
  echo "rounds: $*" >&2
  exit 1
}

# --- Chance --------------------------------------------------------------------------------------

# below NUMBER: a random number.
below() { echo $(($(od -An -N2 -tu2 /dev/urandom) % $1)); }

# nap: a random time below a second.
nap() { sleep "0.$(printf %03d "$(below 1000)")"; }

# --- The tracer ----------------------------------------------------------------------------------

follows() {
  kill -0 "$tracer" 2>/dev/null || fail "the tracer has ended: $(cat errors)"
  grep -q '^nstrace: following' errors
}

# The build whose program is pinned, if one is.
maker=

# check_renewal yes|no: whether the tracer has put its program in place of another build's.
check_renewal() {
  found=no
  ! grep -q "the keeper's program in .* is now this version's" errors || found=yes
  [ "$found" = "$1" ] || fail "was the program replaced? $found, and not $1: $(cat errors)"
  [ "$1" = no ] || renewed=$((renewed + 1))
}

# follow BUILD
follow() {
  build=$1
  due=no
  [ ! -e "$keep/link" ] || [ "$build" = "$maker" ] || due=yes
  maker=$build
  : >errors
  # shellcheck disable=SC2086 # several options
  "$build" --follow --format none --audit-log log --control control --keep "$keep" ${TRACER_OPTIONS-} 2>errors &
  tracer=$!
  wait_until 'the tracer follows' follows
  check_renewal "$due"
}

# end SIGNAL: ends the tracer.
end() {
  kill "-$1" "$tracer"
  status=0
  # The shell says that it was killed.
  wait "$tracer" 2>/dev/null || status=$?
  [ "$1" = KILL ] || [ "$status" = 0 ] || fail "the tracer ended with $status: $(cat errors)"
  ! grep -iE 'warning|damaged' errors || fail 'the tracer has warned'
}

# interrupt: ends the tracer in one of three ways, and says which build is next.
interrupt() {
  case $(below 3) in
    0)
      end KILL
      kills=$((kills + 1))
      ;;
    1)
      end INT
      interrupts=$((interrupts + 1))
      ;;
    2)
      end TERM
      replacements=$((replacements + 1))
      if [ "$build" = "$nstrace" ]; then build=$other; else build=$nstrace; fi
      ;;
  esac
}

ask() {
  verb=$1
  shift
  "$nstrace" "$verb" --control control "$@"
}

# --- Containers of a cgroup ----------------------------------------------------------------------

# begin_cgroup NUMBER: a process in a cgroup of its own. It forks once c/NUMBER/go is there.
begin_cgroup() {
  mkdir "$cgroups/$1"
  # shellcheck disable=SC2016 # for that sh
  sh -c 'echo $$ >"$1/cgroup.procs"
    until [ -e "$2/go" ]; do sleep 0.05; done
    while :; do
      (sleep 0.3 & sleep 0.1 &)
      sleep 0.05
    done' sh "$cgroups/$1" "c/$1" &
  echo $! >"c/$1/pid"
  wait_until 'the process is in its cgroup' grep -q . "$cgroups/$1/cgroup.procs"
}

# register NUMBER: c/NUMBER has the reply, and the status in the end.
register() {
  status=0
  ask register --pid "$(cat "c/$1/pid")" --include-descendants --random --name "c$1" \
    >"c/$1/reply" 2>"c/$1/said" || status=$?
  echo "$status" >"c/$1/status"
}

# The ID of a task, by the tracer; nothing: it has none.
id_of() { ask tree --format json | sed -n "s/^{\"type\":\"task\",\"container\":\"\([^\"]*\)\".*\"tid\":$1,.*/\1/p"; }

# settle NUMBER: has a container registered that no tracer has told anybody of.
settle() {
  if [ "$(cat "c/$1/status")" = 0 ]; then
    cp "c/$1/reply" "c/$1/id"
  else
    untold=$((untold + 1))
    register "$1"
    if [ "$(cat "c/$1/status")" = 0 ]; then
      cp "c/$1/reply" "c/$1/id"
    else
      # The tracer ended behind the grant and before its answer.
      grep -q 'is in a container already' "c/$1/said" || fail "c$1 is not registered: $(cat "c/$1/said")"
      whole=$((whole + 1))
      id_of "$(cat "c/$1/pid")" >"c/$1/id"
    fi
  fi
  grep -q . "c/$1/id" || fail "c$1 has no ID"
  : >"c/$1/go"
}

# --- Containers of a runtime ---------------------------------------------------------------------

make_bundle() {
  mkdir -p bundle/rootfs/bin bundle/rootfs/proc bundle/rootfs/dev bundle/rootfs/sys
  cp "$(command -v busybox)" bundle/rootfs/bin/busybox
  cat >bundle/rootfs/bin/inside <<'END'
while :; do
  (busybox sleep 0.3 & busybox sleep 0.1 &)
  busybox sleep 0.05
done
END
  hook='{"path": "'$nstrace'", "args": ["nstrace", "oci-hook", "--required", "--control", "'$place/control'"]}'
  (cd bundle && "$runtime" spec)
  sed -i -e 's/"terminal": true/"terminal": false/' -e '/"rlimits"/,/\],/d' \
    -e 's|"sh"|"/bin/busybox", "sh", "/bin/inside"|' \
    -e 's|"hostname".*|&\n"hooks": {"createRuntime": ['"$hook"']},|' bundle/config.json
}

oci() { "$runtime" --root "$place/state" "$@"; }

# begin_runtime NUMBER: in a process of its own; without a tracer the container does not begin. Its runtime's ID is a
# UUID, which its hook takes as it is.
begin_runtime() {
  id=$(cat /proc/sys/kernel/random/uuid)
  echo "$id" >"c/$1/name"
  status=0
  oci run --detach --bundle bundle "$id" </dev/null >"c/$1/said" 2>&1 || status=$?
  [ "$status" != 0 ] || echo "$id" >"c/$1/id"
  echo "$status" >"c/$1/status"
}

# --- Containers ----------------------------------------------------------------------------------

is_runtime() { [ -e "c/$1/name" ]; }

# members NUMBER: the pids of its tasks; each is a process of one thread.
members() {
  if is_runtime "$1"; then
    oci ps --format json "$(cat "c/$1/name")" | tr -d '[] \n' | tr , '\n' | grep .
  else
    cat "$cgroups/$1/cgroup.procs"
  fi
}

is_frozen() { grep -q 'frozen 1' "$cgroups/$1/cgroup.events"; }

freeze() {
  if is_runtime "$1"; then
    oci pause "$(cat "c/$1/name")"
  else
    echo 1 >"$cgroups/$1/cgroup.freeze"
    wait_until "c$1 is frozen" is_frozen "$1"
  fi
}

thaw() {
  if is_runtime "$1"; then oci resume "$(cat "c/$1/name")"; else echo 0 >"$cgroups/$1/cgroup.freeze"; fi
}

# kill_tasks NUMBER: ends all tasks of a container.
kill_tasks() {
  if is_runtime "$1"; then oci delete --force "$(cat "c/$1/name")"; else echo 1 >"$cgroups/$1/cgroup.kill"; fi
}

# begin NUMBER: begins a container, and has it registered beside what follows.
begin() {
  mkdir -p "c/$1"
  if [ -n "$runtime" ] && [ $(($1 % 4)) = 3 ]; then
    begin_runtime "$1" &
  else
    begin_cgroup "$1"
    register "$1" &
  fi
  registering=$!
}

# unborn NUMBER: whether it is a container of the runtime that has not begun, which is then forgotten.
unborn() {
  is_runtime "$1" && [ "$(cat "c/$1/status")" != 0 ] || return 1
  oci delete --force "$(cat "c/$1/name")" >/dev/null 2>&1 || true
  unborn=$((unborn + 1))
}

# --- What must hold ------------------------------------------------------------------------------

# agree NUMBER: whether the tasks with the container's ID are the container's tasks.
agree() {
  members "$1" | sort >wanted
  ask tree --format json | sed -n "s/^{\"type\":\"task\",\"container\":\"$(cat "c/$1/id")\".*\"tid\":\([0-9]*\),.*/\1/p" |
    sort >found
  cmp -s wanted found
}

# look NUMBER: looks at a container's tasks, and has a random one of them registered again.
look() {
  freeze "$1"
  wait_until "just the tasks of c$1 have its ID" agree "$1"
  looked=$((looked + $(wc -l <found)))
  task=$(sed -n "$((1 + $(below "$(wc -l <found)")))p" found)
  status=0
  ask register --pid "$task" --include-descendants --random >again 2>&1 || status=$?
  if [ "$status" != 1 ] || ! grep -q 'is in a container already' again; then
    fail "task $task of c$1 was registered again: $status $(cat again)"
  fi
  refused=$((refused + 1))
  thaw "$1"
}

# drops NUMBER: the records of its end.
drops() { grep -a "op=drop .* old-contid=\"$(cat "c/$1/id")\"" log; }

has_ended() { drops "$1" >/dev/null; }

# --- A round -------------------------------------------------------------------------------------

# round NUMBER
round() {
  begin "$1"
  ending=
  # shellcheck disable=SC2086 # numbers
  set -- "$1" $living
  number=$1
  shift
  if [ $# -ge $most ]; then
    ending=$1
    (nap && nap && kill_tasks "$ending") &
    killing=$!
    shift
  fi
  living="$*"
  nap
  interrupt
  nap
  follow "$build"
  wait "$registering" || true
  [ -z "$ending" ] || wait "$killing"
  if ! unborn "$number"; then
    is_runtime "$number" || settle "$number"
    living="$living $number" all="$all $number"
  fi
  for number in $living; do look "$number"; done
  [ -z "$ending" ] || wait_until "the end of c$ending is told" has_ended "$ending"
}

# is_rest: whether only the numbers of sessions are left (docs/identity.md). A tracer that is killed within a batch may
# have given some, which are not given again.
is_rest() {
  [ "$(ls "$keep")" = rest ] && { [ "$kills" -gt 0 ] || grep -aq ' cses=[1-9]' log; }
}

# finish: ends everything. No container is left, and no keeper.
finish() {
  for number in $living; do kill_tasks "$number"; done
  for number in $living; do wait_until "the end of c$number is told" has_ended "$number"; done
  end INT
  [ ! -e "$keep" ] || is_rest || fail "this is left: $(ls "$keep")"
}

clean_up() {
  [ -z "${tracer-}" ] || kill -KILL "$tracer" 2>/dev/null || true
  for directory in "$place"/c/*; do
    number=${directory##*/}
    ! is_runtime "$number" || oci delete --force "$(cat "c/$number/name")" >/dev/null 2>&1 || true
    [ ! -e "$cgroups/$number" ] || echo 1 >"$cgroups/$number/cgroup.kill"
  done
  wait
  find "$cgroups" -depth -type d -exec rmdir {} \; 2>/dev/null || true
  umount bpf || true
  cd / && rm -rf "$place"
}

place=$(mktemp -d)
cd "$place"
mkdir bpf c
mount -t bpf -o mode=0700 bpf bpf
keep=$place/bpf/nstrace
cgroups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/nstrace-rounds-$$
mkdir "$cgroups"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[ -z "$runtime" ] || make_bundle

living='' all=''
follow "$nstrace"
number=0
while [ "$number" -lt "$rounds" ]; do
  number=$((number + 1))
  last=$number
  round "$number"
  number=$last
done
finish

late=0
for number in $all; do
  [ "$(drops "$number" | wc -l)" = 1 ] || fail "c$number has not ended once: $(drops "$number")"
  ! drops "$number" | grep -q ' late=1 ' || late=$((late + 1))
done
echo "$rounds rounds: $kills kills, $interrupts interrupts, $replacements replacements by another build, whose program took the other's place $renewed times"
echo "$looked tasks had their ID, $refused registrations of one of them were refused"
echo "$untold registrations were not answered, of which $whole had been granted; $unborn containers of $runtime did not begin"
# shellcheck disable=SC2086 # numbers
echo "$(echo $all | wc -w) containers ended once, $late of them with late=1"
