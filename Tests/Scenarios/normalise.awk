# SPDX-License-Identifier: Apache-2.0
#
# Audit lines of nstrace to what a scenario states: the records of the events of one login uid,
# without what differs from run to run. For gawk, mawk and busybox awk.
#
#   awk -v auid=NUMBER -v host='uts:INODE ...' [-v fold=1] -f normalise.awk RECORDS
#
# A blank line stands between two events, in the order of their serials. Tasks are task1, task2, ...
# and namespaces ns1, ns2, ... in order of appearance; `host` is a namespace that the scenario began
# in. A namespace that is made anew is a new one, whatever its inode number; one that is entered
# again keeps its name. Where the kernel tells an nsid, it must fit the name: if not, the record ends
# in `nsid=wrong`.
#
# fold: names begin anew whenever none of the scenario's own namespaces is in use, and what then
# repeats itself is written once, below `N times:`.

BEGIN {
  split("56 clone 57 fork 58 vfork 59 execve 272 unshare 308 setns 322 execveat 435 clone3", words, " ")
  for (i = 1; i in words; i += 2) call["c000003e", words[i]] = words[i + 1]
  split("2 fork 11 execve 120 clone 190 vfork 310 unshare 346 setns 358 execveat 435 clone3", words, " ")
  for (i = 1; i in words; i += 2) call["40000003", words[i]] = words[i + 1]
  split("1 EPERM 2 ENOENT 9 EBADF 11 EAGAIN 12 ENOMEM 13 EACCES 17 EEXIST 22 EINVAL 28 ENOSPC 38 ENOSYS 87 EUSERS", words, " ")
  for (i = 1; i in words; i += 2) errno[words[i]] = words[i + 1]
  split(host, words, " ")
  for (i = 1; i in words; i++) own[words[i]] = 1
  split("NS_CREATE NS_CHANGE NS_DESTROY NS_INFO CONTAINER_ID CONTAINER_OP NS_LOST", words, " ")
  for (i = 1; i in words; i++) known[words[i]] = 1
}

/^type=/ {
  if ($2 != event) {
    end_event()
    event = $2
    belongs = index($0 " ", " auid=" auid " ") > 0
  }
  if (belongs && $1 != "type=PROCTITLE") line[++lines] = $0
}

END {
  end_event()
  end_chapter()
  print_chapter()
}

function end_event(   i, text) {
  split("", opids)
  for (i = 1; i <= lines; i++) {
    read_fields(line[i])
    if ("opid" in field) opids[field["opid"]] = 1
  }
  for (i = 1; i <= lines; i++) {
    read_fields(line[i])
    text = text (field["type"] == "SYSCALL" ? system_call() : other()) "\n"
  }
  if (lines) chapter = chapter (chapter == "" ? "" : "\n") text
  if (lines && fold && used == 0) end_chapter()
  lines = 0
}

function read_fields(text,   words, count, i, at) {
  split("", field)
  fields = 0
  count = split(text, words, " ")
  for (i = 1; i <= count; i++) {
    at = index(words[i], "=")
    name[++fields] = substr(words[i], 1, at - 1)
    field[name[fields]] = substr(words[i], at + 1)
  }
}

function system_call(   number, result) {
  number = field["syscall"]
  if ((field["arch"], number) in call) number = call[field["arch"], number]
  result = field["exit"]
  if (result in opids) result = task(result)
  if (result ~ /^-/ && substr(result, 2) in errno) result = "-" errno[substr(result, 2)]
  return "SYSCALL" (field["arch"] == "40000003" ? " arch=i386" : "") " syscall=" number \
    " success=" field["success"] " exit=" result " pid=" task(field["pid"]) " comm=" field["comm"]
}

# What says where and when, and what only some kernels tell, goes.
function other(   text, i, key, id) {
  text = field["type"]
  for (i = 1; i <= fields; i++) {
    key = name[i]
    if (key == "ino") {
      id = namespace(field["nstype"], field["ino"], made_anew())
      text = text " ino=" id
    } else if (key == "old-ino") text = text " old-ino=" namespace(field["nstype"], field[key], 0)
    else if (key == "opid" || key == "pid") text = text " " key "=" task(field[key])
    else if (key == "type" || key == "msg" || key == "dev" || key == "old-dev" || key == "nsid" ||
      key == "old-nsid" || key == "pinned" || key == "uid" || key == "auid" || key == "ses" ||
      key == "exe" || key == "nshash") continue
    else text = text " " key "=" field[key]
  }
  if (!(field["type"] in known)) text = text " unknown"
  if (id ~ /^ns/ && field["res"] == 1) {
    if (field["type"] == "NS_CREATE" && !in_use[id]++) used++
    if (field["type"] == "NS_DESTROY" && in_use[id]) { in_use[id] = 0; used-- }
    if (!fits(id)) text = text " nsid=wrong"
  }
  return text
}

function made_anew() { return field["type"] == "NS_CREATE" && field["op"] ~ /^(clone3?|unshare)$/ }

function namespace(kind, inode, anew,   key) {
  key = kind ":" inode
  if (inode == "?") return "?"
  if (key in own) return "host"
  if (anew || !(key in names)) names[key] = "ns" ++namespaces
  return names[key]
}

# One nsid for each namespace, and none of them twice.
function fits(id) {
  if (!("nsid" in field)) return 1
  if (!(id in nsid)) {
    if (field["nsid"] in given) return 0
    nsid[id] = field["nsid"]
    given[field["nsid"]] = 1
  }
  return nsid[id] == field["nsid"]
}

function task(number) {
  if (!(number in tasks)) tasks[number] = "task" ++task_count
  return tasks[number]
}

function end_chapter() {
  if (chapter == "") return
  if (chapter == repeated) times++
  else {
    print_chapter()
    repeated = chapter
    times = 1
  }
  chapter = ""
  if (!fold) return
  namespaces = task_count = 0
  split("", tasks); split("", names); split("", nsid); split("", in_use)
}

function print_chapter() {
  if (repeated == "") return
  if (printed++) print ""
  if (times > 1) print times " times:"
  printf "%s", repeated
}
