#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# needs: /usr/bin/unshare /usr/bin/true /usr/sbin/ip
# Tracepoints and fexit programs give the same records, in every field and argument, except for compat calls.
# Tests/Scenarios has the calls that only one of them sees.
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

# The inode numbers of the host's own namespaces are compared, those of others are not.
own=$(for link in /proc/self/ns/*; do readlink "$link"; done | sed 's/.*\[\(.*\)\]/\1/' | sort -u)
keep=$(for inode in $own; do printf 's/ino="?%s"? /ino=host-%s /g;' "$inode" "$inode"; done)

# Removes what only one tier knows (pinned=) and what differs by run: times, serials, tasks, inode numbers,
# addresses, and the registers that unshare and setns do not use.
normalise() {
  sed -E -e "$keep" -e 's/ino="?[0-9]+"? /ino=new /g' -e 's/msg=audit\([^)]*\)/msg=audit()/' \
    -e 's/ (pid|ppid|opid)=[0-9]+/ \1=task/g' -e 's/ exit=[1-9][0-9]* / exit=task /' \
    -e 's/( syscall=(272|310) .* a0=[0-9a-f]+ ).* items=/\1items=/' \
    -e 's/ pinned=(yes|no|\?) / /' \
    -e 's/( syscall=308 .* a1=[0-9a-f]+ ).* items=/\1items=/' \
    -e 's/( syscall=56 .* a3=)[0-9a-f]+/\1address/' -e 's/ (a[0-3])=[0-9a-f]{9,}/ \1=address/g' /out/fixture.audit
}

# hooks DUMP: nst_host.hooks of its HOST record.
hooks() { od -An -tx4 -j188 -N4 "$1" | tr -d ' '; }

# Every scene of the fixtures.
for tier in tracepoint fentry; do
  sh /root/fixture-scenes.sh --hooks "$tier" >"/out/log-$tier" 2>&1 || fail "$(cat "/out/log-$tier")"
  grep -q ' 0 lost$' "/out/log-$tier" || fail "$(tail -n 1 "/out/log-$tier")"
  normalise >"/out/$tier"
  mv /out/fixture.nsdump "/out/$tier.nsdump"
done
[ "$(hooks /out/tracepoint.nsdump)" = 00040fff ] || fail 'not all tracepoints are in use'
[ "$(hooks /out/fentry.nsdump)" = 0005ff87 ] || fail 'not all fexit programs are in use'

# They differ only in the three compat calls: fexit programs see them at once, tracepoints at a fork, exec or exit.
diff -U 0 /out/tracepoint /out/fentry >/out/difference || true
sed -nE 's/^([-+])type=([A-Z_]+) .* (arch=[0-9a-f]+ syscall=[0-9]+|op=[a-z]+ nstype=[a-z]+|proctitle=.*)( .*)?$/\1\2 \3/p' \
  /out/difference | sed 's/ proctitle=.*//' >/out/told
cat >/out/expected <<'END'
-NS_CREATE op=late nstype=uts
+SYSCALL arch=40000003 syscall=310
+NS_CREATE op=unshare nstype=uts
+PROCTITLE
-SYSCALL arch=c000003e syscall=59
-NS_CREATE op=late nstype=uts
-PROCTITLE
+SYSCALL arch=40000003 syscall=310
+NS_CREATE op=unshare nstype=uts
+PROCTITLE
-NS_CREATE op=late nstype=uts
+SYSCALL arch=40000003 syscall=310
+NS_CREATE op=unshare nstype=uts
+PROCTITLE
END
[ "$(grep -c '^[-+]type=' /out/difference)" = 14 ] || fail "the tiers differ: $(cat /out/difference)"
cmp /out/told /out/expected || fail "the tiers differ: $(cat /out/difference)"

# Without --hooks nstrace takes fexit programs, which this kernel allows.
follow
unfollow
[ "$(hooks /out/scene.nsdump)" = 0005ff87 ] || fail 'fexit programs are not preferred'
