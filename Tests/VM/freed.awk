# SPDX-License-Identifier: Apache-2.0
#
# Compares pinned= with the kernel's FREED. The input is sorted by time: `TIME FREED INODE` from nsactor
# freed, and `TIME NS_CREATE|NS_DESTROY OP INODE [yes|no|?]` from nstrace.
#
# An inode number is unused, in use, or left. The kernel may free only a number that is left, and only once.
# The exception is a call that leaves a namespace: it is reported when it returns, which is after the
# namespace was freed. A FREED number without a record belongs to an entry of proc, or to a namespace that no
# task has entered.

function seconds(time) {
  return substr(time, 12, 2) * 3600 + substr(time, 15, 2) * 60 + substr(time, 18, length(time) - 18)
}

function broken(why) {
  print "broken: " why ": " $0
  failures++
}

$2 == "FREED" {
  if (state[$3] == "in use") {
    state[$3] = "freed in a call"
  } else if (state[$3] == "left") {
    if (said[$3] == "yes") {
      late++
      # Times have no date: across midnight the difference is negative.
      if (seconds($1) - seconds(left[$3]) < 0.19) broken("freed at once, and printed as pinned")
    } else {
      freed++
    }
    delete state[$3]
  } else if (state[$3] == "freed in a call") {
    broken("freed twice")
  } else {
    others++
  }
}

$2 == "NS_CREATE" {
  if (state[$4] == "in use") broken("created while in use")
  if (state[$4] == "freed in a call") broken("freed, without a record of its end")
  if (state[$4] == "left") {
    if ($3 == "setns" && said[$4] == "yes") entered++
    else broken("created again, and it was not freed")
  }
  state[$4] = "in use"
}

$2 == "NS_DESTROY" {
  told[$5]++
  if ($5 == "?") broken("not known")
  if (state[$4] == "left") broken("ended twice")
  if (state[$4] == "freed in a call") {
    if ($5 != "no") broken("it was freed in the call")
    if ($3 != "unshare" && $3 != "setns" && $3 != "exec") broken("freed before its end")
    early++
    delete state[$4]
  } else {
    state[$4] = "left"
    said[$4] = $5
    left[$4] = $1
  }
}

END {
  for (inode in state) {
    if (state[inode] == "left" && said[inode] != "yes") broken("printed as gone, and not freed: " inode)
    if (state[inode] == "freed in a call") broken("freed, without a record of its end: " inode)
    if (state[inode] == "left") alive++
  }
  print told["no"] + 0 " gone, of which the kernel freed " freed + 0 " after their end and " early + 0 " in the call; " \
    told["yes"] + 0 " pinned, of which " entered + 0 " were entered again, " late + 0 " freed later and " alive + 0 \
    " are left; " others + 0 " other numbers"
  exit failures > 0
}
