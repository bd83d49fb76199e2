# SPDX-License-Identifier: Apache-2.0
#
# What nstrace wrote, against what scenarios state. For gawk, mawk and busybox awk.
#
#   awk -v place=DIRECTORY -v kernel=6.18 -v hooks=tracepoint -v host='uts:INODE ...' \
#     -f judge.awk DIRECTORY/played
#
# Each line of `played` names a scenario's file, its name, the login uid it ran with, and how its
# commands ended. What it is said to give and what it gave are then NAME.stated and NAME.found in the
# directory; `held NAME` or `failed NAME` is printed. An event belongs to the scenario whose login uid
# its first record has; the records are in DIRECTORY/records, or DIRECTORY/own-LOGINUID for a scenario
# that ran a tracer of its own.
#
# Found is: a blank line between two events, in the order of their serials, and records without what
# differs from run to run. Tasks are task1, task2, ... and namespaces ns1, ns2, ... in order of
# appearance; `host` is a namespace that the scenario began in. A namespace that is made anew is a new
# one, whatever its inode number; one that is entered again keeps its name. Where the kernel tells an
# nsid, it must fit the name: if not, the record ends in `nsid=wrong`. Container IDs that are UUIDs are
# id1, id2, ...; one that is given again after its container has ended is a new one. Sessions are counted
# from 1.
#
# `# exe` in a scenario: records have the path of the program, too, as bytes, and ./ for the directory
# that the scenario ran in.
#
# `# fold N` in a scenario: names begin anew when for the Nth time none of the scenario's own
# namespaces is in use, and what then repeats itself is written once, below `TIMES times:`.

BEGIN {
  table("56 clone 57 fork 58 vfork 59 execve 272 unshare 308 setns 322 execveat 435 clone3", "c000003e", call)
  table("2 fork 11 execve 120 clone 190 vfork 310 unshare 346 setns 358 execveat 435 clone3", "40000003", call)
  table("1 EPERM 2 ENOENT 9 EBADF 11 EAGAIN 12 ENOMEM 13 EACCES 17 EEXIST 22 EINVAL 28 ENOSPC 87 EUSERS", "-", errno)
  table("mnt mntns uts utsns ipc ipcns pid pidns user userns net netns cgroup cgroupns time timens", "-", slots)
  for (key in slots) kind_of[slots[key]] = substr(key, length("-" SUBSEP) + 1)
  kind_of["pidns-children"] = "pid"
  kind_of["timens-children"] = "time"
  count = split(host, words, " ")
  for (i = 1; i <= count; i++) own[words[i]] = 1
  count = split("msg dev old-dev nsid old-nsid pinned uid auid ses exe nshash cgroup", words, " ")
  for (i = 1; i <= count; i++) varies[words[i]] = 1
  sort_out(place "/records", "")
}

{ judge($1, $2, $3, $4) }

function table(text, prefix, to,   words, count, i) {
  count = split(text, words, " ")
  for (i = 1; i < count; i += 2) to[prefix, words[i]] = words[i + 1]
}

# The lines of each login uid; those of the events of `alone` only, unless that is empty.
function sort_out(file, alone,   text, words, event, owner) {
  while ((getline text <file) > 0) {
    if (text !~ /^type=/) continue
    split(text, words, " ")
    if (words[2] != event) {
      event = words[2]
      owner = match(text, / auid=[0-9]+/) ? substr(text, RSTART + 6, RLENGTH - 6) : "?"
    }
    if (words[1] != "type=PROCTITLE" && (alone == "" || owner == alone)) line[owner, ++lines[owner]] = text
  }
  close(file)
}

function judge(file, title, auid, status,   stated, found, held, text) {
  directory = place "/" auid "/"
  if ((getline text <(place "/own-" auid)) > 0) {
    close(place "/own-" auid)
    lines[auid] = 0
    sort_out(place "/own-" auid, auid)
  }
  stated = read_stated(file)
  found = read_found(auid)
  printf "%s", stated >(place "/" title ".stated")
  printf "%s", found >(place "/" title ".found")
  close(place "/" title ".stated")
  close(place "/" title ".found")
  held = status == 0 && stated == found
  print (held ? "held " : "failed ") title
}

# The most particular block that holds here, without comments and without empty lines at its ends.
function read_stated(file,   text, block, blocks, empty, i, headers) {
  fold = says_exe = 0
  while ((getline text <file) > 0) {
    if (text == "# exe") says_exe = 1
    if (text ~ /^# fold /) fold = substr(text, 8) + 0
    if (text ~ /^records.*:$/) {
      block = text
      blocks[block] = ""
      empty = ""
    } else if (text == "") empty = empty "\n"
    else if (block != "" && text !~ /^#/) {
      blocks[block] = blocks[block] (blocks[block] == "" ? "" : empty) text "\n"
      empty = ""
    }
  }
  close(file)
  headers[1] = "records (" kernel ", " hooks "):"
  headers[2] = "records (" kernel "):"
  headers[3] = "records (" hooks "):"
  for (i = 1; i <= 3; i++) if (headers[i] in blocks) return blocks[headers[i]]
  return blocks["records:"]
}

function read_found(auid,   i, words, event, first) {
  begin_names()
  chapter = repeated = all = ""
  used = times = 0
  split("", given)
  for (i = 1; i <= lines[auid]; i++) {
    split(line[auid, i], words, " ")
    if (words[2] != event && i > 1) add_event(auid, first, i - 1)
    if (words[2] != event) first = i
    event = words[2]
  }
  if (lines[auid]) add_event(auid, first, lines[auid])
  end_chapter()
  add_chapter()
  return all
}

function begin_names() {
  lives = namespaces = task_count = id_count = session_count = 0
  split("", ids)
  split("", sessions)
  split("", ended)
  split("", tasks)
  split("", names)
  split("", nsid)
  split("", in_use)
}

function add_event(auid, first, last,   i, text) {
  split("", opids)
  for (i in ended) delete ids[i]
  split("", ended)
  for (i = first; i <= last; i++)
    if (match(line[auid, i], / opid=[0-9]+/)) opids[substr(line[auid, i], RSTART + 6, RLENGTH - 6)] = 1
  for (i = first; i <= last; i++) {
    read_fields(line[auid, i])
    text = text (field["type"] == "SYSCALL" ? system_call() : other()) "\n"
  }
  chapter = chapter (chapter == "" ? "" : "\n") text
  if (fold && used == 0 && ++lives == fold) end_chapter()
}

function read_fields(text,   words, i, at) {
  split("", field)
  fields = split(text, words, " ")
  for (i = 1; i <= fields; i++) {
    at = index(words[i], "=")
    name[i] = substr(words[i], 1, at - 1)
    field[name[i]] = substr(words[i], at + 1)
    # A number in a field of ours has quotes, as texts have; a text keeps them.
    if (name[i] !~ /^(comm|exe|name|key)$/) gsub(/"/, "", field[name[i]])
  }
}

function system_call(   actor, number, result) {
  actor = task(field["pid"])
  number = field["syscall"]
  if ((field["arch"], number) in call) number = call[field["arch"], number]
  result = field["exit"]
  if (result in opids) result = task(result)
  if (result ~ /^-/ && ("-", substr(result, 2)) in errno) result = "-" errno["-", substr(result, 2)]
  return "SYSCALL" (field["arch"] == "40000003" ? " arch=i386" : "") " syscall=" number \
    " success=" field["success"] " exit=" result " pid=" actor " comm=" field["comm"] \
    (says_exe ? " exe=" program(field["exe"]) : "")
}

function program(value,   path, i) {
  if (value == "?") return value
  if (value ~ /^"/) path = substr(value, 2, length(value) - 2)
  else for (i = 1; i < length(value); i += 2) path = path sprintf("%c", 16 * digit(value, i) + digit(value, i + 1))
  if (index(path, directory) == 1) path = "./" substr(path, length(directory) + 1)
  return "\"" path "\""
}

function digit(value, i) { return index("123456789ABCDEF", substr(value, i, 1)) }

# What says where and when, and what only some kernels tell, goes.
function other(   text, i, key, id) {
  text = field["type"]
  for (i = 2; i <= fields; i++) {
    key = name[i]
    if (key == "exe" && says_exe) text = text " exe=" program(field["exe"])
    if (key in varies) continue
    text = text " " key "="
    if (key == "ino") text = text (id = namespace(field["nstype"], field["ino"], made_anew()))
    else if (key == "old-ino") text = text namespace(field["nstype"], field[key], 0)
    else if (key in kind_of) text = text namespace(kind_of[key], field[key], 0)
    else if (key == "opid" || key == "pid") text = text task(field[key])
    else if (key ~ /contid$/) text = text containers(field[key])
    else if (key == "cses") text = text session(field[key])
    else text = text field[key]
  }
  if (id !~ /^ns/ || field["res"] != 1) return text
  if (field["type"] == "NS_CREATE" && !in_use[id]++) used++
  if (field["type"] == "NS_DESTROY" && in_use[id]) {
    in_use[id] = 0
    used--
  }
  return text (fits(id) ? "" : " nsid=wrong")
}

function made_anew() { return field["type"] == "NS_CREATE" && field["op"] ~ /^(clone|clone3|unshare)$/ }

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

# Each ID of a list; those that are no UUIDs stay as they are.
function containers(list,   words, count, i, text) {
  count = split(list, words, ",")
  for (i = 1; i <= count; i++) text = text (i > 1 ? "," : "") container(words[i])
  return text
}

function session(number) {
  if (number == 0) return 0
  if (!(number in sessions)) sessions[number] = ++session_count
  return sessions[number]
}

function container(id) {
  if (length(id) < 36) return id
  if (!(id in ids)) ids[id] = "id" ++id_count
  if (field["type"] == "CONTAINER_OP" && field["op"] == "drop") ended[id] = 1
  return ids[id]
}

function end_chapter() {
  if (chapter == "") return
  if (chapter == repeated) times++
  else {
    add_chapter()
    repeated = chapter
    times = 1
  }
  chapter = ""
  if (fold) begin_names()
}

function add_chapter() {
  if (repeated == "") return
  all = all (all == "" ? "" : "\n") (times > 1 ? times " times:\n" : "") repeated
}
