#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/crun /usr/bin/sleep
# adds: Tests/Keeper .build/other
#
# The scene `keeper` at length.
set -eu
sh /root/Keeper/tiers.sh 10
