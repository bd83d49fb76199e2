#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/crun
# crun with nstrace as its createRuntime hook. crun needs a host with cgroup v2 only.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

bundle=/tmp/bundle
# The UUID of version 5 that oci-hook makes of the name scene.
id=bcf8373f-640a-5d9c-960a-dbf4228b71fa

mkdir "$bundle"
cd "$bundle"
mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys
cp /usr/bin/busybox rootfs/bin/
cat >rootfs/bin/inside <<'END'
busybox unshare -u busybox true
(busybox sh -c 'busybox unshare -i busybox true')
busybox cat
END
crun spec
hook='{"path": "/usr/bin/nstrace", "args": ["nstrace", "oci-hook", "--required"]}'
sed -i -e 's/"terminal": true/"terminal": false/' -e 's/"CAP_KILL",/& "CAP_SYS_ADMIN",/' \
  -e 's|"sh"|"/bin/busybox", "sh", "/bin/inside"|' \
  -e 's|"hostname".*|&\n"hooks": {"createRuntime": ['"$hook"']},|' config.json

follow
mkfifo /tmp/input
crun run scene </tmp/input &
container=$!
exec 3>/tmp/input
wait_until 'the container has done its work' grep -q 'NS_DESTROY .* nstype=ipc ' /out/audit
crun exec scene /bin/busybox true
exec 3>&-
wait "$container"
unfollow

# The runtime makes the namespaces before it calls the hook.
init=$(field opid 'CONTAINER_OP .* op=set')
for kind in mnt uts ipc pid net; do
  expect 1 "^type=NS_CREATE .* op=clone3 nstype=$kind .* opid=$init contid=-1 res=1"
done
expect 1 "^type=NS_CREATE .* op=unshare nstype=cgroup .* opid=$init contid=-1 res=1"

# Then the hook registers: one record for the only process, one for each namespace of the container.
expect 1 "^type=CONTAINER_OP .* op=set "
expect 1 "^type=CONTAINER_OP .* op=set opid=$init contid=\"$id\" old-contid=-1 name=\"scene\" res=1"
expect 6 "^type=NS_CHANGE .* op=assign "
for kind in mnt uts ipc pid net cgroup; do
  expect 1 "^type=NS_CHANGE .* op=assign nstype=$kind .* opid=$init contid=\"$id\" ns-contid=-1 "
done

# Descendants of the container's process have its ID, at any depth.
expect 1 "^type=NS_CREATE .* op=unshare nstype=uts .* contid=\"$id\" cses=\"0\" res=1"
expect 1 "^type=NS_CREATE .* op=unshare nstype=ipc .* contid=\"$id\" cses=\"0\" res=1"

# A task that enters from outside has no ID, and a session of its own (T4).
for kind in mnt net ipc pid uts cgroup; do
  expect 1 "^type=NS_CHANGE .* op=setns nstype=$kind .* contid=-1 cses=\"1\" ns-contid=\"$id\" .*res=1"
done
expect 1 "^type=NS_CHANGE .* op=clone nstype=pid .* contid=-1 cses=\"1\" ns-contid=\"$id\" .*res=1"

for kind in mnt uts ipc pid net cgroup; do
  expect 1 "^type=NS_DESTROY .* op=exit nstype=$kind .* opid=$init contid=\"$id\" "
done
expect 1 "^type=CONTAINER_OP .* op=drop "
expect 1 "^type=CONTAINER_OP .* op=drop opid=$init contid=-1 old-contid=\"$id\" name=\"scene\" res=1"
