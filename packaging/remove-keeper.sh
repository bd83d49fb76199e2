#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Removes the keeper before the program goes that can remove it. As root. The program may go if there is no keeper, and
# if it is locked until reboot; it may not, and the status is 1, if a tracer registers there or the keeper cannot be read.
#
# Usage: remove-keeper.sh NSTRACE [DIRECTORY]
set -eu
nstrace=$1
shift

status=0
said=$("$nstrace" keeper remove ${1:+--keep "$1"} 2>&1) || status=$?
[ "$status" != 0 ] || exit 0
case $status:$said in
  # One that knows no keepers.
  64:*) ;;
  *'there is no keeper in'*) ;;
  *'is locked until reboot'*) echo "$said" >&2 ;;
  *)
    echo "$said" >&2
    exit 1
    ;;
esac
