#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# nstrace id --peer names the process at the other end of a socket. Before Linux 6.5 it says that the answer is racy. A
# process that has ended, and that its parent has waited for, is named by nobody.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

follow
mkfifo /tmp/asks /tmp/stays
nsactor serve /tmp/socket "$(command -v nstrace)" id --peer 3 </tmp/asks >/out/answer 2>/out/warning &
server=$!
exec 8>/tmp/asks
wait_until 'the socket' grep -q '^serve.listens=1' /out/answer
nsactor dial /tmp/socket </tmp/stays >/out/dial 8>&- &
client=$!
exec 9>/tmp/stays
wait_until 'the connection' grep -q '^serve.serves=1' /out/answer
nstrace register --pid "$client" 42 >/dev/null
exec 8>&-
wait "$server" || fail "nstrace id ended with $?: $(cat /out/warning)"
[ "$(tail -n 1 /out/answer)" = 42 ] || fail "the answer is $(cat /out/answer)"
case $(uname -r) in
  6.[0-4].*) grep -q '^nstrace: warning: the answer is racy: ' /out/warning || fail 'nothing says that it is racy' ;;
  *) [ ! -s /out/warning ] || fail "$(cat /out/warning)" ;;
esac
exec 9>&-
wait "$client"

mkfifo /tmp/asks-late
nsactor serve /tmp/late "$(command -v nstrace)" id --peer 3 </tmp/asks-late >/out/late-answer 2>/out/late-warning &
server=$!
exec 8>/tmp/asks-late
wait_until 'the socket' grep -q '^serve.listens=1' /out/late-answer
nsactor dial /tmp/late </dev/null >/out/dial 8>&-
wait_until 'the connection' grep -q '^serve.serves=1' /out/late-answer
exec 8>&-
if wait "$server"; then fail "nstrace id named a process that has ended: $(cat /out/late-answer)"; fi
case $(uname -r) in
  6.[0-4].*) ;;
  *) grep -q 'has ended, or is in another PID namespace$' /out/late-warning || fail "$(cat /out/late-warning)" ;;
esac
