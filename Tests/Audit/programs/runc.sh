# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# runc runs a container, and a program joins it. runc execs a copy of itself, on a mount that is attached nowhere or
# in a memfd.
mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys
cp /bin/busybox rootfs/bin
runc spec
sed -i 's/"terminal": true/"terminal": false/; s|"sh"|"/bin/busybox", "sleep", "60"|' config.json
# In the foreground, so that the program's parent still exists when execve(2) ends: audit reads ppid then.
container=nstrace-oracle-$$
runc --root state run "$container" >said 2>&1 </dev/null &
run=$!
# runc deletes the pipe when the program may start.
until [ -e "state/$container/state.json" ] && [ ! -e "state/$container/exec.fifo" ]; do
  kill -0 "$run" || { cat said >&2 && exit 1; }
  sleep 0.05
done
runc --root state exec "$container" /bin/busybox true
runc --root state kill "$container" KILL
wait "$run" || [ "$?" = 137 ]
