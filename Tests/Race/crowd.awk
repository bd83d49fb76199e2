# SPDX-License-Identifier: Apache-2.0
#
# Judges the records of crowds that unshare(UTS) at once, each crowd in a container of its own.
# Standard input: audit lines. -v made=N: how many namespaces they made. -v lossy=1: records were
# lost, and the loss is reported.
function opid() { return match($0, / opid=[0-9]+/) ? substr($0, RSTART + 6, RLENGTH - 6) : "" }

/^type=NS_(CREATE|CHANGE|DESTROY) / && / nstype=uts / && / contid=[^-]/ && / res=1/ {
  if (/^type=NS_CREATE .* op=unshare /) told++
  if (/^type=NS_CHANGE .* op=unshare /) moved++
  # A task found late, whose own record was lost, may be reported in a namespace that has the number
  # by then.
  if (lossy && /^type=NS_CHANGE .* op=late /) guessed[opid()] = 1
  if (/^type=NS_CHANGE .* op=assign /) { if (opid() in guessed) doubtful++; else assigned++ }
  if (/^type=NS_CHANGE .* op=release /) { if (opid() in guessed) doubtful++; else released++ }
  if (/^type=NS_DESTROY .* op=late /) late++
  if (/^type=NS_CREATE .* op=late /) found++
}

END {
  printf "made %d, told as made %d, told as moves %d, assigned %d, released %d, made and found late %d, ended before their users had reported it %d, in doubt for want of records %d\n",
    made, told, moved, assigned, released, found, late, doubtful
  exit moved || assigned || released || !lossy && (told != made || found)
}
