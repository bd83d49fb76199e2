#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clone3 is refused while its flags change between two sets. Its errno says which set the kernel read.
# needs: /usr/bin/unshare /usr/bin/true
# fexit programs see the kernel's copy and name its kinds. Tracepoints do not, and name none (nstype=?).
set -eu
# shellcheck source=../scene.sh
. /root/scene.sh

# tell OTHER: prints how many refusals of each errno have a record, and how many of the kinds are right, unknown
# and wrong. EPERM (-1) means that uts was asked for; EINVAL (-22) mnt, or with `plain` no kind.
tell() {
  awk -v other="$1" '
    function id() { match($0, /audit\([^)]*\)/); return substr($0, RSTART, RLENGTH) }
    function value(key) { match($0, " " key "=[^ ]*"); return substr($0, RSTART + length(key) + 2, RLENGTH - length(key) - 2) }
    /^type=SYSCALL .* syscall=435 / { why[id()] = value("exit"); told[value("exit")]++ }
    /^type=NS_CREATE .* op=clone3 / {
      kind = value("nstype")
      asked = why[id()] == -1 ? "uts" : other == "plain" ? "none" : "mnt"
      if (kind == "?") open++
      else if (kind == asked) right++
      else wrong++
    }
    END { print told[-1] + 0, told[-22] + 0, right + 0, open + 0, wrong + 0 }' /out/audit
}

# flip TIER BY OTHER: sets without_right and nonsense (refusals by the kernel) and told_… (those with a record).
flip() {
  follow --hooks "$1"
  nsactor clone3-flips "$2" "$3" 100 >/out/said
  /usr/bin/unshare -u /usr/bin/true
  wait_until 'the last end is printed' grep -q '^type=NS_DESTROY .* nstype=uts ' /out/audit
  unfollow
  without_right=$(sed -n 's/^flips.without-right=//p' /out/said)
  nonsense=$(sed -n 's/^flips.nonsense=//p' /out/said)
  read -r told_without_right told_nonsense right open wrong <<END
$(tell "$3")
END
  found="$1 $2 $3: refused $without_right and $nonsense; in records $told_without_right and $told_nonsense, kinds right $right, unknown $open, wrong $wrong"
  echo "$found"
}

for by in thread shared file; do
  for other in kinds plain; do
    flip tracepoint "$by" "$other"
    [ "$told_without_right" = "$without_right" ] || fail "a refusal has no record: $found"
    [ "$other" = plain ] || [ "$told_nonsense" = "$nonsense" ] || fail "a refusal has no record: $found"
    [ "$right $wrong" = '0 0' ] || fail "kinds that cannot be known: $found"
    flip fentry "$by" "$other"
    [ "$told_without_right" = "$without_right" ] || fail "a refusal has no record: $found"
    [ "$open $wrong" = '0 0' ] || fail "wrong kinds: $found"
    [ "$other" = plain ] || [ "$right" = 100 ] || fail "a refusal has no record: $found"
    [ "$other" = kinds ] || [ "$told_nonsense" = 0 ] || fail "a call without kinds has a record: $found"
  done
done
