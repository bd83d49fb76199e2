#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Plays every scene of Tests/VM/scenes in guests. A scene that fails has an exit status other than 0.
# A guest has nstrace, nsactor, /root/scene.sh, /root/fixture-scenes.sh, and what lines of the scene ask for:
#   # needs: /usr/bin/crun /usr/bin/true   programs of this machine
#   # adds: Tests/Scenarios                a directory of the repository, copied to /root
#   # memory: MIB                          the memory of the guest; 1024 unless given
#   # kernels: 6.1:full rt                 the kernels, as guest.sh names them; 6.1 and 6.12 unless given
#   # append: PARAMETERS                   more for the kernel's command line
# Afterwards .build/scenes/SCENE-KERNEL has the console and what the scene left in /out.
set -euo pipefail

# KERNELS in the environment: plays on these kernels only.
if [ $# -lt 2 ]; then
  echo "usage: play-scenes.sh NSTRACE NSACTOR [SCENE...]" >&2
  exit 64
fi
nstrace=$1 nsactor=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- "$here"/scenes/*.sh

# play: runs the scene in a guest with the kernel.
play() {
  rm -rf "$out"
  "$here/guest.sh" --kernel "$kernel" --append "$append" --memory "${memory:-1024}" --timeout 1800 \
    "${adds[@]}" --out "$out" "$scene"
}

# emulator_failed: whether the kernel panicked where only the emulator can be the cause: before init ran the scene,
# or at a breakpoint that the kernel had set to patch its own code. Two emulated processors may see different code,
# which happens about once in fifty guests. Only then a scene is repeated.
emulator_failed() {
  grep -qs 'Kernel panic' "$out/console.log" || return 1
  if ! grep -qs '^init: runs /script' "$out/console.log"; then
    echo "$name on $kernel: the kernel panicked before the scene began; played again" >&2
  elif grep -qs 'Oops: int3' "$out/console.log"; then
    echo "$name on $kernel: the emulator has lost a breakpoint of the kernel's; played again" >&2
  else
    return 1
  fi
}

# words KEY: the words of the scene's lines `# KEY: WORD...`, one a line.
words() { sed -n "s/^# $1: //p" "$scene" | tr ' ' '\n'; }

failed=''
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
    # It has come twice in a row.
    repeats=3
    while
      status=0
      play || status=$?
      [ "$status" != 0 ] && [ "$repeats" -gt 0 ] && emulator_failed
    do repeats=$((repeats - 1)); done
    if [ "$status" = 0 ]; then
      echo "$name on $kernel: held"
    else
      echo "$name on $kernel: failed with $status; the end of $out/console.log:" >&2
      tail -n 20 "$out/console.log" >&2 || true
      failed+=" $name-$kernel"
    fi
  done
done
[ -z "$failed" ] || {
  echo "failed:$failed" >&2
  exit 1
}
