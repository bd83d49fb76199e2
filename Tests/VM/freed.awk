# SPDX-License-Identifier: Apache-2.0
#
# Holds what nstrace says of the ends of namespaces against the kernel's own word. The input is sorted by
# time: `TIME FREED INODE`, by nsactor freed, and `TIME NS_CREATE|NS_DESTROY OP INODE [yes|no|?]`.
#
# An inode number is nobody's, in use, or left; the kernel may free only what is left, once, but for a call
# that is told when it returns, after what it has left was freed. Numbers that were never told of are those
# of entries of proc, and of namespaces that no task has entered.

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
      # A midnight later it is less.
      if (seconds($1) - seconds(left[$3]) < 0.19) broken("freed at once, and told to live on")
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
  if (state[$4] == "freed in a call") broken("freed, and its end was not told")
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
    if (state[inode] == "left" && said[inode] != "yes") broken("said to be gone, and not freed: " inode)
    if (state[inode] == "freed in a call") broken("freed, and its end was not told: " inode)
    if (state[inode] == "left") alive++
  }
  print told["no"] + 0 " gone, of which the kernel freed " freed + 0 " after their end and " early + 0 " in the call; " \
    told["yes"] + 0 " pinned, of which " entered + 0 " were entered again, " late + 0 " freed later and " alive + 0 \
    " are left; " others + 0 " other numbers"
  exit failures > 0
}
