#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Plays scenarios as root, here or in a guest, and compares nstrace's records with those that each
# scenario states.
set -eu

usage() {
  cat <<'END_OF_USAGE'
usage: play.sh [--hooks tracepoint|fentry|sys_exit] [--login-uids FIRST] [--results FILE] [--update] NSTRACE NSACTOR
  [SCENARIO...]

Plays each Tests/Scenarios/*.scenario, or those named, in turn under one nstrace, and says which held.

  --hooks TIER        what nstrace sees system calls by; tracepoint unless given
  --login-uids FIRST  the number before the first scenario's; 770000 unless given
  --results FILE      adds a line `SCENARIO KERNEL TIER held|failed` for each
  --update            writes what was found into the scenario: read every record of it before you keep it

Each scenario runs with a login uid of its own, by which its records are told from those of others.
Exit status: 0 when all held, 1 when one failed or a record was lost, 64 wrong usage.
END_OF_USAGE
}

die() {
  status=$1
  shift
  echo "play.sh: $*" >&2
  exit "$status"
}

hooks=tracepoint auid=770000 results='' update=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --hooks | --login-uids | --results)
      [ $# -gt 1 ] || die 64 "$1 needs a value; see play.sh --help"
      case $1 in
        --hooks) hooks=$2 ;;
        --login-uids) auid=$2 ;;
        --results) results=$2 ;;
      esac
      shift
      ;;
    --update) update=1 ;;
    -*) die 64 "unknown option $1; see play.sh --help" ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 2 ] || die 64 'NSTRACE and NSACTOR are missing; see play.sh --help'
case $hooks in tracepoint | fentry | sys_exit) ;; *) die 64 "--hooks must be tracepoint, fentry or sys_exit" ;; esac

here=$(cd "$(dirname "$0")" && pwd)
nstrace=$(realpath "$1")
PATH=$(dirname "$(realpath "$2")"):$PATH:/usr/sbin:/sbin
shift 2
[ $# -gt 0 ] || set -- "$here"/*.scenario
for name in "$@"; do
  shift
  name=${name##*/}
  set -- "$@" "$here/${name%.scenario}.scenario"
  [ -r "$here/${name%.scenario}.scenario" ] || die 64 "there is no scenario $name"
done
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
place=$(mktemp -d)
tracer='' watch=''
host=$(for link in /proc/self/ns/*; do readlink "$link"; done | tr -d '[]' | sort -u | tr '\n' ' ')

cleanup() {
  [ -z "$watch" ] || kill "$watch" 2>/dev/null || true
  [ -z "$tracer" ] || { kill -INT "$tracer" && wait "$tracer"; } 2>/dev/null || true
  rm -rf "$place"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { die 1 "$*"; }
. "$here/wait.sh"

# as LOGINUID COMMAND...: runs the command in a process with that login uid, which its descendants
# inherit.
as() {
  (
    echo "$1" >/proc/self/loginuid || die 1 'the login uid cannot be set; CAP_AUDIT_CONTROL is needed'
    shift
    exec "$@"
  )
}

nobody_has() { ! grep -qx "$1" /proc/[0-9]*/loginuid 2>/dev/null; }

end_those_who_have() {
  grep -lx "$1" /proc/[0-9]*/loginuid 2>/dev/null | cut -d / -f 3 | while read -r process; do
    kill -KILL "$process" 2>/dev/null || true
  done
}

# Kills a scenario that takes more than five minutes.
keep_watch() {
  before='' ticks=0
  while sleep 5; do
    read -r now <"$place/now"
    if [ "$now" = "$before" ]; then ticks=$((ticks + 1)); else ticks=0; fi
    [ "$ticks" -lt 60 ] || end_those_who_have "$now"
    before=$now
  done
}

# The shell sources the part of the scenario above its records.
split_commands() {
  awk -v place="$place" '
    FNR == 1 {
      name = FILENAME
      gsub(/^.*\/|\.scenario$/, "", name)
      inside = 1
    }
    /^records.*:$/ { inside = 0 }
    inside { print >(place "/" name ".commands") }' "$@"
}

perform() {
  echo "$auid" >"$place/now"
  mkdir "$place/$auid"
  export auid
  status=0
  # shellcheck disable=SC2016 # for the shell that is started
  (cd "$place/$auid" && as "$auid" /bin/sh -euc '. "$0"; . "$1"' \
    "$here/stage.sh" "$place/$name.commands") >"$place/$name.said" 2>&1 || status=$?
  [ "$status" = 0 ] || end_those_who_have "$auid"
  wait_until "nobody of $name is left" nobody_has "$auid"
  echo "$scenario $name $auid $status" >>"$place/played"
}

explain() {
  status=$(sed -n "s/^.* $1 [0-9]* //p" "$place/played")
  [ "$status" = 0 ] || { echo "its commands ended with $status:" && tail -n 20 "$place/$1.said"; }
  diff -u "$place/$1.stated" "$place/$1.found" || true
}

# Replaces the records below the header `records:` by those found, and keeps the comments there.
rewrite() {
  awk -v found="$place/$1.found" '
    function finish(   text) { while (inside && (getline text <found) > 0) print text }
    /^records.*:$/ {
      finish()
      if (inside) print ""
      inside = $0 == "records:"
      print
      next
    }
    !inside || /^#/ { print }
    END { finish() }' "$here/$1.scenario" >"$place/rewritten"
  cat "$place/rewritten" >"$here/$1.scenario"
}

export nstrace hooks place
: >"$place/records"
: >"$place/errors"
"$nstrace" --follow --no-keep --format audit --hooks "$hooks" --control "$place/control" \
  >"$place/records" 2>"$place/errors" &
tracer=$!
follows() {
  kill -0 "$tracer" 2>/dev/null || die 1 "nstrace has ended: $(cat "$place/errors")"
  grep -q '^nstrace: following' "$place/errors"
}
wait_until 'nstrace follows' follows

echo "$auid" >"$place/now"
keep_watch >/dev/null 2>&1 &
watch=$!
split_commands "$@"
for scenario in "$@"; do
  name=${scenario##*/} name=${name%.scenario}
  auid=$((auid + 1))
  perform
done

# Records come in order: once those of this last event are there, all are.
auid=$((auid + 1))
as "$auid" unshare -u true
is_last() { grep -q "^type=NS_DESTROY .* auid=$auid .* res=1\$" "$place/records"; }
wait_until 'all records are out' is_last
kill -INT "$tracer"
wait "$tracer" || die 1 "nstrace ended with $?: $(cat "$place/errors")"
tracer=''

failed=0
awk -v place="$place" -v kernel="$kernel" -v hooks="$hooks" -v host="$host" -f "$here/judge.awk" \
  "$place/played" >"$place/verdicts"
while read -r verdict name; do
  echo "$verdict $name"
  [ -z "$results" ] || echo "$name $kernel $hooks $verdict" >>"$results"
  [ "$verdict" = failed ] || continue
  explain "$name"
  [ -z "$update" ] || rewrite "$name"
  failed=$((failed + 1))
done <"$place/verdicts"
echo "$# scenarios on $kernel by $hooks, $failed failed; $(tail -n 1 "$place/errors")"
grep -q ' 0 lost$' "$place/errors" || die 1 'records were lost'
[ "$failed" = 0 ]
