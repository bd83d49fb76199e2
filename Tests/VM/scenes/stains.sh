#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/nsenter /usr/bin/sleep
#
# Under write-once a namespace keeps a container's ID over the tracer's end, while only a mount holds it: also without
# ns_id, before Linux 6.18.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

# inhabit PROGRAM: runs sleep, as $inhabitant, in the UTS namespace that a mount holds.
inhabit() {
  "$1" --uts=/tmp/uts /usr/bin/sleep 1000 &
  inhabitant=$!
  wait_until "$1 becomes sleep" grep -q '^sleep' "/proc/$inhabitant/comm"
}

# refused ERROR ID: nobody gives that ID to the inhabitant.
refused() {
  ! nstrace register --pid "$inhabitant" "$2" >/dev/null 2>&1 || fail "$2 was given"
  wait_until "$1" grep -q "CONTAINER_OP .* opid=$inhabitant contid=\"$2\" .* errno=$1" /out/audit
}

: >/tmp/uts
follow --policy write-once
inhabit unshare
nstrace register --pid "$inhabitant" 42 >/dev/null
kill "$inhabitant"
wait_until 'the end of the container' grep -q ' op=drop ' /out/audit
unfollow
nstrace keeper status >/out/status
grep -q '^1 stain$' /out/status || fail "$(cat /out/status)"

follow --policy write-once
inhabit nsenter
wait_until 'the entrance' grep -q "NS_CREATE .* opid=$inhabitant .* ns-contid=\"42\" " /out/audit
refused EEXIST 43
kill "$inhabitant"
wait_until 'the end' grep -q "NS_DESTROY .* opid=$inhabitant " /out/audit
/usr/bin/sleep 1000 &
inhabitant=$!
refused ENOTUNIQ 42
kill "$inhabitant"
unfollow
