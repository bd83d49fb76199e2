#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the documentation of the libraries into .build/docs, one archive each, and fails on DocC's warnings and
# on public declarations without a comment.
set -euo pipefail
cd "$(dirname "$0")/.."

output=.build/docs
options=$(swift package dump-package | Tests/swift-flags.py NSTrace)
mapfile -t flags <<<"$options"
flags+=(-package-name nstrace -I "$output/modules"
  -I Sources/CNSWire/include -I Sources/CLinux/include -I Sources/CBPF/include)

rm -rf "$output"
mkdir -p "$output/modules"
for module in NSTrace NSTraceLive NSTraceConformance; do
  graphs=$output/graphs/$module
  mkdir -p "$graphs"
  mapfile -t files < <(find "Sources/$module" -name '*.swift' | sort)
  swiftc -emit-module -o "$output/modules/$module.swiftmodule" -module-name "$module" \
    -emit-symbol-graph -emit-symbol-graph-dir "$graphs" -symbol-graph-minimum-access-level public \
    "${flags[@]}" "${files[@]}"
  docc convert "Sources/$module/$module.docc" --additional-symbol-graph-dir "$graphs" \
    --fallback-display-name "$module" --fallback-bundle-identifier "nstrace.$module" \
    --warnings-as-errors --output-path "$output/$module.doccarchive"
done
Tests/documented.py "$output"/graphs/*
