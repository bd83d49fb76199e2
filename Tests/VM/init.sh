#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The init of a guest that guest.sh boots: prepares the system, runs /script, hands over /out.
set -eu

# pivot_root(2) does not work on the initial root file system, so go on in a bind mount of it.
if [ "${1-}" != moved ]; then
    export PATH=/usr/bin:/usr/sbin
    busybox mount --bind / /mnt
    cd /mnt
    busybox mount --move . /
    exec busybox chroot . busybox env -i PATH=/usr/bin:/usr/sbin HOME=/root USER=root SHELL=/bin/sh \
        LANG=C.UTF-8 TZ=UTC TERM=dumb /usr/bin/sh /init moved
fi

mount_all() {
    busybox mount -t proc -o nosuid,nodev,noexec proc /proc
    busybox mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
    busybox mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 /sys/fs/cgroup
    busybox mount -t devtmpfs -o nosuid devtmpfs /dev
    busybox mkdir /dev/pts /dev/shm
    busybox mount -t devpts -o nosuid,noexec,gid=0,mode=620,ptmxmode=666 devpts /dev/pts
    for place in /dev/shm /tmp; do busybox mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$place"; done
    for place in /run /out; do busybox mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$place"; done
    busybox ln -s /proc/self/fd /dev/fd
    for stream in 0:stdin 1:stdout 2:stderr; do busybox ln -s "fd/${stream%:*}" "/dev/${stream#*:}"; done
}

mount_all
exec </dev/null >/dev/console 2>&1
busybox --install -s
busybox hostname guest
busybox ip link set lo up
for module in /modules/*; do busybox insmod "$module"; done

# For play-scenes.sh: what the guest did until here was the work of the kernel and of busybox alone.
echo 'init: runs /script'
status=0
cd /root
sh /script || status=$?

busybox kill -9 -1 || true
cd /
echo "$status" >status
busybox tar -cf /dev/vda out status
busybox sync
busybox poweroff -f
