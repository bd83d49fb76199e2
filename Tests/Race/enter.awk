# SPDX-License-Identifier: Apache-2.0
#
# Judges the records of `nsactor enter-race`. Standard input: audit lines. -v maker=TID -v
# enterer=TID. -v lossy=1: records were lost, and the loss is reported. A namespace is identified by
# its nsid or, without one, by its inode number until its end.
function field(name) { return match($0, " " name "=[^ ]*") ? substr($0, RSTART + length(name) + 2, RLENGTH - length(name) - 2) : "" }

/ nstype=uts / && / res=1/ {
  opid = field("opid")
  if (opid != maker && opid != enterer) next
  key = field("nsid") == "" ? field("ino") : field("nsid")
  if (/^type=NS_CREATE/) {
    if (opid == maker && field("op") == "unshare") { made++; is_made[key] = 1 }
    else if (opid == maker) late++
    # The maker has reported it already: its records say that all had left it.
    else if (key in was_made) again++
    else stolen++
    if (opid == maker) was_made[key] = 1
  } else if (/^type=NS_CHANGE/) {
    if (opid == maker && field("op") == "unshare") moved++
    if (opid == enterer) entered++
  } else if (/^type=NS_DESTROY/) {
    if (!(key in is_made) && !(key in was_made)) early++
    delete is_made[key]
  }
}

END {
  printf "made %d, entered %d, told as the enterer's %d, ended before they were made %d, made told as a move %d, made told as late %d, ended and entered again %d\n",
    made, entered, stolen, early, moved, late, again
  exit moved || !lossy && (stolen || early)
}
