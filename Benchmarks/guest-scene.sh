#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs in the guest: the rate of a loop of getppid, in turn untraced, by fexit programs and by tracepoints.
set -eu
# shellcheck source=../Tests/VM/scene.sh
. /root/scene.sh

rate() { storm getppid 1 | cut -d ' ' -f 2; }

traced_rate() {
  follow --hooks "$1"
  value=$(rate)
  unfollow
}

for _ in 1 2 3 4 5 6 7; do
  untraced=$(rate)
  traced_rate fentry
  fentry=$value
  traced_rate tracepoint
  echo "$untraced $fentry $value" >>/out/rates
done
