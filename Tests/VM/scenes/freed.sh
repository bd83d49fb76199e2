#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/true /usr/sbin/ip
#
# Compares pinned= of NS_DESTROY with what the kernel frees: pinned=no if and only if the kernel freed the
# namespace, and pinned=yes if it still exists.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

# ends DUMP: prints creations, ends and what was freed, each with its time.
ends() {
  nsactor freed "$1"
  nstrace replay --format json "$1" | sed -nE \
    's/^\{"type":"(NS_CREATE|NS_DESTROY)","time":"([^"]*)","serial":[0-9]+,"op":"([a-z0-9]+)",.*"ino":([0-9]+),.*"res":true\}$/\2 \1 \3 \4 &/p' |
    sed -E 's/\{.*"pinned":true.*/yes/; s/\{.*"pinned":false.*/no/; s/\{.*"pinned":null.*/?/; s/ \{.*//'
}

# judge DUMP: prints the counts, or fails with what is broken.
judge() {
  ends "$1" | sort >/out/ends
  awk -f /root/freed.awk /out/ends || fail "pinned= is wrong: $(awk -f /root/freed.awk /out/ends)"
}

# broken_by SED: the same check must fail on an input that is changed in this way.
broken_by() {
  sed -E "$1" /out/ends | awk -f /root/freed.awk >/dev/null && fail "the check does not notice: $1"
  true
}

# hooks DUMP: nst_host.hooks of its HOST record.
hooks() { od -An -tx4 -j188 -N4 "$1" | tr -d ' '; }

LINGER=1 sh /root/fixture-scenes.sh --hooks fentry >/out/log 2>&1 || fail "$(cat /out/log)"
grep -q ' 0 lost$' /out/log || fail "$(tail -n 1 /out/log)"
[ "$(hooks /out/fixture.nsdump)" = 0005ff87 ] || fail "not all hooks are in use: $(hooks /out/fixture.nsdump)"
nstrace replay --format audit /out/fixture.nsdump | cmp - /out/fixture.audit || fail 'a replay differs'
# end: waits for the record of one more end. Events keep their order, so all before it are printed.
end() {
  last=$(sh -c 'echo $$; exec /usr/bin/unshare -u /usr/bin/true')
  wait_until 'the last end is printed' grep -q "^type=NS_DESTROY .* nstype=uts .* opid=$last " /out/audit
}

# All eight kinds, four times; then a bind mount, a descriptor, a zombie, and a named network namespace.
follow --hooks fentry
churn=0
while [ "$churn" -lt 4 ]; do
  for flag in -m -u -i -n -p -U -C -T; do /usr/bin/unshare "$flag" /usr/bin/true; done
  /usr/bin/unshare -Urmnipuf -C -T /usr/bin/true
  churn=$((churn + 1))
done
nsactor storm 50
touch /run/uts
/usr/bin/unshare --uts=/run/uts /usr/bin/true
uts=$(stat -c %i -L /run/uts)
ip netns add lasting
net=$(stat -c %i -L /run/netns/lasting)
mkfifo /run/gate
nsactor zombie pid </run/gate >/run/zombie &
exec 9>/run/gate
wait_until 'there is a zombie' grep -q zombie.pid /run/zombie
zombie=$(sed 's/.*=//' /run/zombie)
wait_until 'the zombie keeps its namespace' grep -q "^type=NS_DESTROY .* nstype=pid .* opid=$zombie .* pinned=yes " /out/audit
ip netns exec lasting /usr/bin/true
# Waited for before the name is removed: a later answer would be that the namespace is gone.
lasts_twice() { [ "$(count "^type=NS_DESTROY .* nstype=net .* ino=$net .* pinned=yes ")" = 2 ]; }
wait_until 'the network namespace is pinned a second time' lasts_twice
exec 9>&-
umount /run/uts
ip netns del lasting
settled() { nsactor freed /out/scene.nsdump 2>/dev/null | grep -q " FREED $net\$"; }
wait_until 'the network namespace is freed' settled
end
unfollow

nstrace replay --format audit /out/scene.nsdump | cmp - /out/audit || fail 'a replay differs'
expect 1 "^type=NS_DESTROY .* nstype=uts .* ino=$uts .* pinned=yes "
expect 2 "^type=NS_DESTROY .* nstype=net .* ino=$net .* pinned=yes "
expect 0 'pinned=\?'
judge /out/scene.nsdump
broken_by '/ FREED /d'
broken_by 's/ yes$/ no/'
broken_by '/NS_DESTROY .* no$/s/ no$/ yes/'
broken_by '/NS_DESTROY/d'
judge /out/fixture.nsdump

# Tracepoints give no answers, so no event is held.
follow --hooks tracepoint
end
expect 1 '^type=NS_DESTROY .* nstype=uts .* pinned=\? res=1$'
unfollow
