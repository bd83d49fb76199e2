# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# A container by runc, and a program that joins it: what runc runs of itself is a copy on a mount that is
# attached nowhere, or in a memfd.
mkdir -p rootfs/bin rootfs/proc rootfs/dev rootfs/sys
cp /bin/busybox rootfs/bin
runc spec
sed -i 's/"terminal": true/"terminal": false/; s|"sh"|"/bin/busybox", "sleep", "60"|' config.json
runc --root state run --detach "nstrace-oracle-$$" >said 2>&1 </dev/null
runc --root state exec "nstrace-oracle-$$" /bin/busybox true
runc --root state delete --force "nstrace-oracle-$$"
