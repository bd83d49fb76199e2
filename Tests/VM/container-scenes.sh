#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a guest: records containers that begin, change and end in each way that a clause is about.
set -eu
# shellcheck source=scene.sh
. /root/scene.sh

control=/run/nstrace/control.sock
id=6d1ae6a4-2a5e-4d5e-9a43-0f6a1f0f7a11

# hold COMMAND...: runs it until `release`, with its standard input open. Sets $held, its pid.
hold() {
  rm -f /run/gate
  mkfifo /run/gate
  "$@" </run/gate &
  held=$!
  exec 9>/run/gate
}

release() {
  exec 9>&-
  wait "$held"
}

is_running() { [ "$(basename "$(readlink "/proc/$1/exe")")" = "$2" ]; }

follow

# A long-running orchestrator, whose requests the policies decide differently.
nsactor orchestrate "$control"

# A container with a network namespace of its own, which the host and another container enter.
hold unshare -n busybox sh -c 'read -r line; busybox unshare -i busybox true; exec busybox cat'
wait_until 'the container runs' is_running "$held" busybox
nstrace register --pid "$held" "$id" --name web
echo >&9
wait_until 'its child has ended' grep -q "^type=NS_DESTROY .* nstype=ipc .* contid=\"$id\"" /out/audit
nsenter -t "$held" -n ip link set lo up
nsenter -t "$held" -n unshare -u /usr/bin/true
sh -c "kill -STOP \$\$; exec nsenter -t $held -n sleep 0" &
guest=$!
nstrace register --pid "$guest" 70e5a1c4-11d8-4c07-9a43-0f6a1f0f7a11 --name guest
kill -CONT "$guest"
wait "$guest"
release

# A caller is refused only for lack of the capability.
hold busybox cat
wait_until 'the process runs' is_running "$held" busybox
setpriv --bounding-set -audit_control --inh-caps -audit_control \
  nstrace register --pid "$held" 5 && fail 'registered without the capability'
release

# A task enters all namespaces of a set, and another one a part of it.
hold unshare -nu busybox cat
wait_until 'the set is there' is_running "$held" busybox
nsenter -t "$held" -n -u /usr/bin/true
nsenter -t "$held" -n /usr/bin/true
release

# A process with a child is refused, and then registered with its child.
hold sh -c 'busybox cat; true'
has_child() { [ -n "$(cat "/proc/$1/task/$1/children")" ]; }
wait_until "it has a child" has_child "$held"
nstrace register --pid "$held" --random && fail 'registered a process with a child'
nstrace register --pid "$held" --random --include-descendants --name family
release

# The task of a container in a cgroup of its own sets no_new_privs, and then a seccomp filter. Its next fork
# reports each. A task without either joins the cgroup and leaves it.
service=/sys/fs/cgroup/service
mkdir "$service"
updated() { grep -q "^type=CONTAINER_OP .* op=update .* $1 " /out/audit; }
hold nsactor give-up
wait_until 'the process runs' is_running "$held" nsactor
echo "$held" >"$service/cgroup.procs"
nstrace register --pid "$held" 1c2b7a10-5d3e-4f61-8a72-0f6a1f0f7a11 --name modest
echo nnp >&9
echo fork >&9
wait_until 'the task has no_new_privs' updated 'nnp=1 old-nnp=0 seccomp=0 old-seccomp=0 cgroup="/service"'
echo seccomp >&9
echo fork >&9
wait_until 'the task has a filter' updated 'nnp=1 old-nnp=1 seccomp=2 old-seccomp=0 cgroup="/service"'
sh -c "echo \$\$ >$service/cgroup.procs; exec busybox true"
release
rmdir "$service"

# A process that already has a filter is registered.
hold sh -c 'exec nsactor give-up >/run/said'
wait_until 'the process runs' is_running "$held" nsactor
echo seccomp >&9
echo fork >&9
wait_until 'it has a filter and a child' grep -q '^fork$' /run/said
nstrace register --pid "$held" 2d3c8b21-6e4f-4072-9b83-1f7b2f1f8b22 --name filtered
release

unfollow
