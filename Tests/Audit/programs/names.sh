# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Programs with hostile names and arguments: quotes, control characters, bytes beyond ASCII, great lengths.
for name in 'a b' '"' '"x" y=1' "$(printf 'line\nline')" "$(printf '\351\033[31m')" 'x (deleted)' \
  "$(printf 'exactly\tfifteen')" "$(printf '%0255d' 0)"; do
  cp "$(command -v nsactor)" "./$name"
  "./$name" program here "$name" "$(printf '%0200d' 0)"
  "./$name" program here "$(printf 'ends in\n')
" ''
  rm "./$name"
done
