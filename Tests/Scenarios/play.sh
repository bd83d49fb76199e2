#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Plays scenarios, here or in a guest, as root, and compares the records that nstrace gives with
# those that each of them states.
set -eu

usage() {
  cat <<'END_OF_USAGE'
usage: play.sh [--hooks tracepoint|fentry] [--results FILE] [--update] NSTRACE NSACTOR [SCENARIO...]

Plays each Tests/Scenarios/*.scenario, or those named, in turn under one nstrace, and says which held.

  --hooks TIER    what nstrace sees system calls by; tracepoint unless given
  --results FILE  adds a line `SCENARIO KERNEL TIER held|failed` for each
  --update        writes what was found into the scenario: read every record of it before you keep it

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

hooks=tracepoint results='' update=''
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --hooks | --results)
      [ $# -gt 1 ] || die 64 "$1 needs a value; see play.sh --help"
      if [ "$1" = --hooks ]; then hooks=$2; else results=$2; fi
      shift
      ;;
    --update) update=1 ;;
    -*) die 64 "unknown option $1; see play.sh --help" ;;
    *) break ;;
  esac
  shift
done
[ $# -ge 2 ] || die 64 'NSTRACE and NSACTOR are missing; see play.sh --help'
case $hooks in tracepoint | fentry) ;; *) die 64 "--hooks must be tracepoint or fentry" ;; esac

here=$(cd "$(dirname "$0")" && pwd)
nstrace=$(realpath "$1")
PATH=$(dirname "$(realpath "$2")"):$PATH:/usr/sbin:/sbin
shift 2
[ $# -gt 0 ] || set -- "$here"/*.scenario
kernel=$(uname -r | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
place=$(mktemp -d)
tracer=''
host=$(for link in /proc/self/ns/*; do readlink "$link"; done | tr -d '[]' | sort -u | tr '\n' ' ')

cleanup() {
  [ -z "$tracer" ] || { kill -INT "$tracer" && wait "$tracer"; } 2>/dev/null || true
  rm -rf "$place"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# wait_until SENTENCE COMMAND...: for at most half a minute.
wait_until() {
  what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -le 1500 ] || die 1 "waited in vain until $what"
    sleep 0.02
  done
}

# as LOGINUID COMMAND...: in a process of its own, which carries it, as all that comes of it does.
as() {
  (
    exec 8<&-
    echo "$1" >/proc/self/loginuid || die 1 'the login uid cannot be set; CAP_AUDIT_CONTROL is needed'
    shift
    exec "$@"
  )
}

nobody_has() { ! grep -qx "$1" /proc/[0-9]*/loginuid 2>/dev/null; }

# What a scenario that failed left running.
end_those_who_have() {
  grep -lx "$1" /proc/[0-9]*/loginuid 2>/dev/null | cut -d / -f 3 | while read -r process; do
    kill -KILL "$process" 2>/dev/null || true
  done
}

# What nstrace wrote since the last time is added to the scenario's part.
read_on() {
  cat <&8 >>"$place/part"
  grep -q "^type=NS_DESTROY .* auid=$1 .* res=1\$" "$place/part"
}

option() { grep -qx "# $1" "$scenario"; }

# The header of the block that holds here: the most particular one.
stated() {
  for header in "records ($kernel, $hooks):" "records ($kernel):" "records ($hooks):"; do
    ! grep -qxF "$header" "$scenario" || break
    header=records:
  done
}

# block HEADER FILE: what stands below it, without comments, and without empty lines at its ends.
block() {
  awk -v header="$1" '
    /^records.*:$/ { inside = $0 == header; next }
    !inside || /^#/ { next }
    $0 == "" { empty++; next }
    { while (empty && lines) { print ""; empty-- } empty = 0; lines++; print }' "$2"
}

# Writes what was found below the header, and leaves comments there.
rewrite() {
  grep -qxF "$header" "$scenario" || printf '\n%s\n' "$header" >>"$scenario"
  awk -v header="$header" -v found="$place/found" '
    function finish(   text) {
      if (!inside) return
      while ((getline text <found) > 0) print text
    }
    /^records.*:$/ {
      if (inside) { finish(); print "" }
      inside = $0 == header
      print
      next
    }
    !inside || /^#/ { print }
    END { finish() }' "$scenario" >"$place/rewritten"
  cat "$place/rewritten" >"$scenario"
}

perform() {
  : >"$place/part"
  { echo ". '$here/stage.sh'"; sed '/^records.*:$/,$d' "$scenario"; } >"$place/commands"
  rm -rf "$place/work"
  mkdir "$place/work"
  status=0
  (cd "$place/work" && as "$auid" timeout 60 /bin/sh -eu "$place/commands") >"$place/said" 2>&1 ||
    status=$?
  if [ "$status" != 0 ]; then
    echo "its commands ended with $status:"
    tail -n 20 "$place/said"
    end_those_who_have "$auid"
  fi
  wait_until "nobody of $name is left" nobody_has "$auid"
  if ! option 'own nstrace'; then
    as "$((auid + 1))" unshare -u true
    wait_until "the records of $name are out" read_on "$((auid + 1))"
  fi
  awk -v auid="$auid" -v host="$host" -v fold="$(option fold && echo 1)" -f "$here/normalise.awk" \
    "$place/part" >"$place/found"
}

play() {
  perform
  stated
  [ -z "$update" ] || [ "$status" != 0 ] || rewrite
  block "$header" "$scenario" >"$place/stated"
  diff -u "$place/stated" "$place/found" || status=1
  [ "$status" = 0 ]
}

tell() {
  echo "$2 $1"
  [ -z "$results" ] || echo "$1 $kernel $hooks $2" >>"$results"
}

export nstrace hooks place
: >"$place/records"
"$nstrace" --follow --format audit --hooks "$hooks" >"$place/records" 2>"$place/errors" &
tracer=$!
exec 8<"$place/records"
follows() {
  kill -0 "$tracer" 2>/dev/null || die 1 "nstrace has ended: $(cat "$place/errors")"
  grep -q '^nstrace: following' "$place/errors"
}
wait_until 'nstrace follows' follows

failed=0 auid=770000
for scenario in "$@"; do
  name=$(basename "$scenario" .scenario)
  scenario=$here/$name.scenario
  [ -r "$scenario" ] || die 64 "there is no scenario $name"
  auid=$((auid + 2))
  if play >"$place/log"; then
    tell "$name" held
  else
    tell "$name" failed
    cat "$place/log"
    failed=$((failed + 1))
  fi
done

kill -INT "$tracer"
wait "$tracer" || die 1 "nstrace ended with $?: $(cat "$place/errors")"
tracer=''
grep -q ' 0 lost$' "$place/errors" || die 1 "$(cat "$place/errors")"
echo "$# scenarios on $kernel by $hooks, $failed failed; $(tail -n 1 "$place/errors")"
[ "$failed" = 0 ]
