#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Writes the table of scenarios, kernels and hook tiers into a document, between the lines
# `<!-- scenarios -->` and `<!-- /scenarios -->`, from the results of `play.sh --results`.
set -eu

[ $# -ge 2 ] || {
  echo 'usage: table.sh DOCUMENT RESULTS...' >&2
  exit 64
}
document=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# The newest kernel first, and the tier of tracepoints before the other.
cut -d ' ' -f 2,3 "$@" | sort -u | sort -k 1,1Vr -k 2,2r >"$place/columns"
sort -u "$@" >"$place/results"

awk -v here="$here" '
  FILENAME ~ /columns$/ { column[++columns] = $0; kernel[columns] = $1; hooks[columns] = $2; next }
  {
    verdict[$1, $2 " " $3] = ($1, $2 " " $3) in verdict ? "failed" : $4
    if ($1 != last) scenario[++rows] = $1
    last = $1
  }
  # Reads what a scenario shows, and the kernels and tiers for which it states other records.
  function read_scenario(name,   file, text, told) {
    file = here "/" name ".scenario"
    shows = ""
    split("", other)
    while ((getline text <file) > 0) {
      if (text ~ /^# From:/) told = 1
      if (!told && text ~ /^# / && text !~ /SPDX/) shows = shows (shows == "" ? "" : " ") substr(text, 3)
      if (text ~ /^records \(/) other[substr(text, 10, length(text) - 11)] = 1
    }
    close(file)
  }
  function cell(name, i,   text) {
    if (!((name, column[i]) in verdict)) return "-"
    text = verdict[name, column[i]]
    return text (kernel[i] in other || hooks[i] in other || (kernel[i] ", " hooks[i]) in other ? " †" : "")
  }
  END {
    head = "| scenario | what it shows |"
    rule = "|---|---|"
    for (i = 1; i <= columns; i++) {
      head = head " " column[i] " |"
      rule = rule "---|"
    }
    print head
    print rule
    for (row = 1; row <= rows; row++) {
      read_scenario(scenario[row])
      text = "| [" scenario[row] "](../Tests/Scenarios/" scenario[row] ".scenario) | " shows " |"
      for (i = 1; i <= columns; i++) text = text " " cell(scenario[row], i) " |"
      print text
    }
  }' "$place/columns" "$place/results" >"$place/table"

awk -v table="$place/table" '
  /^<!-- \/scenarios -->$/ { inside = 0 }
  !inside { print }
  /^<!-- scenarios -->$/ {
    inside = 1
    while ((getline text <table) > 0) print text
  }' "$document" >"$place/document"
cat "$place/document" >"$document"
