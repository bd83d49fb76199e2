#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that each folder of Sources/NSTrace uses only itself and the folders before it: typechecks
# every prefix of the list. The compiler's error names the line that looks the wrong way.
set -euo pipefail
cd "$(dirname "$0")/../Sources"

layers=(Base Model Wire State Dump Output Pipeline)

options=$(swift package --package-path .. dump-package | ../Tests/swift-flags.py NSTrace)
mapfile -t flags <<<"$options"
flags+=(-module-name NSTrace -package-name nstrace -I CNSWire/include -I CLinux/include)

outside=$(find NSTrace -name '*.swift' | grep -vE "^NSTrace/($(IFS='|'; echo "${layers[*]}"))/" || true)
if [ -n "$outside" ]; then
  printf 'These files are in no layer; %s lists the layers:\n%s\n' "$0" "$outside" >&2
  exit 1
fi

files=()
for layer in "${layers[@]}"; do
  mapfile -t found < <(find "NSTrace/$layer" -name '*.swift' | sort)
  files+=("${found[@]}")
  if ! swiftc -typecheck "${flags[@]}" "${files[@]}"; then
    echo "NSTrace/$layer uses what stands in a later layer, or does not compile" >&2
    exit 1
  fi
  echo "$layer: ${#found[@]} files"
done
