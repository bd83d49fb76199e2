#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/crun /usr/bin/unshare
# IDs from the paths of cgroups, on a host with v2 only: crun without a hook, and tasks that are moved.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

name=5b8f0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a
bundle=/tmp/bundle

mkdir "$bundle"
cd "$bundle"
mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys
cp /usr/bin/busybox rootfs/bin/
crun spec
sed -i -e 's/"terminal": true/"terminal": false/' -e 's|"sh"|"/bin/busybox", "true"|' \
  -e 's|"linux": {|&"cgroupsPath": "/docker/'"$name"'",|' config.json

follow --containers cgroup
crun run scene
wait_until 'the container has ended' grep -q 'CONTAINER_OP .* op=drop' /out/audit

moved=/sys/fs/cgroup/lxc.payload.web
mkdir "$moved"
sh -c "echo \$\$ >$moved/cgroup.procs; exec unshare -u /usr/bin/busybox true"
nsactor clone-into "$moved" ipc
all_have_ended() { [ "$(count 'CONTAINER_OP .* op=drop')" = 3 ]; }
wait_until 'both have ended' all_have_ended
rmdir "$moved"

# In a directory that another user owns a cgroup has the name of crun's container.
given=/sys/fs/cgroup/user.slice
forged=$given/docker-$name.scope
mkdir "$given"
chown 65534 "$given"
mkdir "$forged"
nsactor clone-into "$forged" uts
forger_has_ended() { [ "$(count 'CONTAINER_OP .* op=drop')" = 4 ]; }
wait_until 'the forger has ended' forger_has_ended
rmdir "$forged" "$given"
unfollow

id=$(field contid 'CONTAINER_OP .* op=set')
web=$(field contid "CONTAINER_OP .* op=set .* name=\"web\"")
[ "$id" != "$web" ] || fail "one ID for two containers: $id"
expect 4 '^type=CONTAINER_OP .* op=set .* contid-src=cgroup '
expect 1 "^type=CONTAINER_OP .* op=set opid=[0-9]* contid=\"$id\" old-contid=-1 name=\"$name\""
own=$(grep 'CONTAINER_OP .* op=set' /out/audit | tail -n 1 | sed -n 's/.* contid=\([^ ]*\).*/\1/p' | tr -d '"')
case $own in
????????-????-8*) ;;
*) fail "the forger has $own, which is no ID of a delegated cgroup" ;;
esac
expect 1 "^type=NS_CREATE .* op=clone3 nstype=uts .* contid=\"$own\" cses=\"0\" res=1"
expect 1 "^type=CONTAINER_OP .* op=drop opid=[0-9]* contid=-1 old-contid=\"$id\" name=\"$name\""
expect 2 "^type=CONTAINER_OP .* op=set opid=[0-9]* contid=\"$web\" old-contid=-1 name=\"web\""
expect 2 "^type=CONTAINER_OP .* op=drop opid=[0-9]* contid=-1 old-contid=\"$web\" name=\"web\""

# One task was moved before it unshared, one was born into the cgroup and the namespace by one clone3.
expect 1 "^type=NS_CREATE .* op=unshare nstype=uts .* contid=\"$web\" cses=\"0\" res=1"
expect 1 "^type=NS_CREATE .* op=clone3 nstype=ipc .* contid=\"$web\" cses=\"0\" res=1"
for kind in mnt uts ipc pid net; do
  expect 1 "^type=NS_CREATE .* nstype=$kind .* contid=\"$id\" cses=\"0\" res=1"
done

nstrace replay --containers cgroup --format audit /out/scene.nsdump >/out/again
cmp /out/again /out/audit || fail 'the replay differs'
nstrace replay --format audit /out/scene.nsdump | grep -q 'contid=[^-]' &&
  fail 'cgroups give IDs without --containers cgroup'
true
