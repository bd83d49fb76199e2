#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Plays every scene of Tests/VM/scenes in guests; a scene fails by its exit status.
# A scene finds nstrace, nsactor where it was built, /root/scene.sh with what scenes share,
# /root/fixture-scenes.sh, and the programs that a line of its own names:
# `# needs: /usr/bin/crun /usr/bin/true`. `# adds: Tests/Scenarios` names a directory of the repository,
# which is then in /root. `# memory: MIB` gives its guests more than 1024. `# kernels: 6.1:full rt` are the
# kernels to play it on, as guest.sh names them, 6.1 and 6.12 unless given; `# append: PARAMETERS` stands on
# their command line.
# What it left in /out, and the console, are then in .build/scenes/SCENE-KERNEL.
set -euo pipefail

# KERNELS in the environment: these alone.
if [ $# -lt 2 ]; then
  echo "usage: play-scenes.sh NSTRACE NSACTOR [SCENE...]" >&2
  exit 64
fi
nstrace=$1 nsactor=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here"/scenes/*.sh

# play: the scene, in a guest with the kernel.
play() {
  rm -rf "$out"
  "$here/guest.sh" --kernel "$kernel" --append "$append" --memory "${memory:-1024}" --timeout 600 \
    "${adds[@]}" --out "$out" "$scene"
}

# lost_breakpoint: the kernel panicked over a breakpoint of its own, which it sets where it patches its code: two
# emulated processors do not always agree on that code (once in some fifty guests). Nothing else is played twice.
lost_breakpoint() {
  grep -qs 'Oops: int3' "$out/console.log" || return 1
  echo "$name on $kernel: the emulator has lost a breakpoint of the kernel's; played again" >&2
}

# words KEY: what the scene says behind `# KEY:`, a line for each word.
words() { sed -n "s/^# $1: //p" "$scene" | tr ' ' '\n'; }

failed=0
for scene in "$@"; do
  name=$(basename "$scene" .sh)
  adds=(--add "$nstrace" --add "$nsactor" --add "$here/scene.sh:/root/scene.sh"
    --add "$here/../Scenarios/wait.sh:/root/wait.sh"
    --add "$here/skips.sh:/root/skips.sh" --add "$here/fixture-scenes.sh:/root/fixture-scenes.sh" --add "$here/freed.awk:/root/freed.awk")
  mapfile -t programs < <(words needs)
  for program in "${programs[@]}"; do adds+=(--add "$program"); done
  mapfile -t directories < <(words adds)
  for directory in "${directories[@]}"; do adds+=(--add "$here/../../$directory"); done
  memory=$(sed -n 's/^# memory: //p' "$scene")
  kernels=$(sed -n 's/^# kernels: //p' "$scene")
  append=$(sed -n 's/^# append: //p' "$scene")
  for kernel in ${KERNELS:-${kernels:-6.1 6.12}}; do
    out=$here/../../.build/scenes/$name-${kernel/:/-}
    status=0
    play || status=$?
    if [ "$status" != 0 ] && lost_breakpoint; then
      status=0
      play || status=$?
    fi
    if [ "$status" = 0 ]; then
      echo "$name on $kernel: held"
    else
      echo "$name on $kernel: failed with $status; the end of $out/console.log:" >&2
      tail -n 20 "$out/console.log" >&2 || true
      failed=1
    fi
  done
done
exit "$failed"
