# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# podman runs a container with its seccomp filter. It keeps all its files in this directory.
mkdir -p rootfs/bin
cp /bin/busybox rootfs/bin
podman --root "$PWD/storage" --runroot "$PWD/run" --tmpdir "$PWD/tmp" --storage-driver vfs \
  --events-backend none --runtime runc --cgroup-manager cgroupfs run --rm --network none --log-driver none \
  --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --rootfs "$PWD/rootfs" /bin/busybox true
