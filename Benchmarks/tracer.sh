# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Sourced by the scripts that measure a live tracer. They set `nstrace`, `nsactor` and `dir`, a directory of their own.
# shellcheck disable=SC2154

calc() { awk "BEGIN { printf \"%.${2:-2}f\\n\", $1 }"; }
holds() { awk "BEGIN { exit !($1) }" && echo met || echo missed; }

tracer='' crowd=''

# start_nstrace ARGUMENT...: sets `tracer`, and returns when it follows.
start_nstrace() {
  # The background shell may open the file later than the grep below reads it.
  : > "$dir/err"
  "$nstrace" "$@" > /dev/null 2> "$dir/err" &
  tracer=$!
  until grep -q following "$dir/err"; do
    kill -0 "$tracer" || { cat "$dir/err" >&2; exit 1; }
    sleep 0.01
  done
}

# time_start OPTION...: prints the milliseconds from exec until nstrace prints that it is following.
time_start() {
  local begin end line
  mkfifo "$dir/said"
  begin=$EPOCHREALTIME
  "$nstrace" --follow --format audit "$@" > /dev/null 2> "$dir/said" &
  tracer=$!
  exec 8< "$dir/said"
  until read -r line <&8 && [[ $line == *following* ]]; do :; done
  end=$EPOCHREALTIME
  kill -INT "$tracer"
  wait "$tracer" || true
  exec 8<&-
  rm "$dir/said"
  calc "($end - $begin) * 1000" 0
  tracer=''
}

# begin_crowd PROCESSES THREADS: starts them, besides the machine's own tasks
begin_crowd() {
  mkfifo "$dir/gate"
  "$nsactor" throng "$1" "$2" < "$dir/gate" > "$dir/crowd" &
  crowd=$!
  exec 9> "$dir/gate"
  until grep -q ready "$dir/crowd"; do sleep 0.1; done
}
end_crowd() {
  [ -n "$crowd" ] || return 0
  exec 9>&-
  wait "$crowd" || true
  crowd=''
  rm "$dir/gate"
}
