#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare
# A tracer runs in a cgroup namespace and a mount namespace of its own, as in a docker container on a host with v2
# only. Its paths still begin at the hierarchy's root.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

web=/sys/fs/cgroup/lxc.payload.web
own=/sys/fs/cgroup/lxc.payload.tracer
mkdir "$web" "$own" /tmp/bin
sleep 1000 &
running=$!
echo "$running" >"$web/cgroup.procs"

cat >/tmp/bin/nstrace <<END
#!/bin/sh
echo \$\$ >$own/cgroup.procs
exec unshare -C -m sh -c 'umount /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec /usr/bin/nstrace "\$@"' sh "\$@"
END
chmod +x /tmp/bin/nstrace
PATH=/tmp/bin:$PATH follow --containers cgroup
/usr/bin/nstrace containers --format json >/out/containers
sh -c "echo \$\$ >$web/cgroup.procs; exec unshare -u /usr/bin/busybox true"
wait_until 'the UTS namespace has ended' grep -q 'NS_DESTROY .* nstype=uts ' /out/audit
kill "$running"
wait_until 'the container has ended' grep -q 'CONTAINER_OP .* op=drop' /out/audit
unfollow

grep '"name":"web"' /out/containers | grep -q '"path":"/lxc.payload.web"' || fail "$(cat /out/containers)"
grep '"name":"tracer"' /out/containers | grep -q '"path":"/lxc.payload.tracer"' || fail "$(cat /out/containers)"
id=$(field contid 'CONTAINER_OP .* op=set .* name="web"')
expect 1 "^type=CONTAINER_OP .* op=set opid=[0-9]* contid=\"$id\" old-contid=-1 name=\"web\""
expect 1 "^type=NS_CREATE .* op=unshare nstype=uts .* contid=\"$id\" cses=\"0\" res=1"
expect 1 "^type=CONTAINER_OP .* op=drop opid=$running contid=-1 old-contid=\"$id\" name=\"web\""
