# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Named network namespaces, and programs in them.
for number in 1 2 3; do
  ip netns add "oracle-$$-$number"
  ip netns exec "oracle-$$-$number" true
  nsenter --net="/run/netns/oracle-$$-$number" true
  ip netns del "oracle-$$-$number"
done
