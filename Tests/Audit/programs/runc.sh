# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A container by runc, and a program that joins it: what runc runs of itself is a copy on a mount that is
# attached nowhere, or in a memfd.
mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys
cp /bin/busybox rootfs/bin
runc spec
sed -i 's/"terminal": true/"terminal": false/; s|"sh"|"/bin/busybox", "sleep", "60"|' config.json
# In the foreground: the parent of the program is still there when its execve(2) ends, which is when audit reads ppid.
container=nstrace-oracle-$$
runc --root state run "$container" >said 2>&1 </dev/null &
run=$!
# The pipe is deleted when the program may start.
until [ -e "state/$container/state.json" ] && [ ! -e "state/$container/exec.fifo" ]; do
  kill -0 "$run" || { cat said >&2 && exit 1; }
  sleep 0.05
done
runc --root state exec "$container" /bin/busybox true
runc --root state kill "$container" KILL
wait "$run" || [ "$?" = 137 ]
