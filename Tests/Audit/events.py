#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The kernel's audit events with the containers of their processes, beside the real auditd.

usage: events.py [--processes N] NSTRACE NSACTOR

Starts auditd with a configuration of its own, nstrace with --audit-events, containers of runc and podman, and in
them an exec, a refused open, a seccomp kill and a login's message; an intruder by nsenter; and N (10,000) short
processes in 20 containers, while the tracer is stopped again and again. Then each event must have the ID of its
container, and no event of the host's has one; the same offline from the dump and auditd's own log; and a replay of
the dump prints the same bytes. Only tasks of this script are audited: those of a login that no other has.
Exit status: 0 when all is as expected, 1 when not, 64 wrong usage, 69 the kernel's audit cannot be used.
"""
import collections
import fcntl
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("play", os.path.join(HERE, "../Runtimes/play.py"))
play = importlib.util.module_from_spec(spec)
spec.loader.exec_module(play)

LOGIN = 791000 + os.getpid() % 900
KEY = f"nstrace-events-{os.getpid()}"
BACKLOG = 65536
CROWD = 20
# SYSCALL's own pid=, not ppid=.
PID = re.compile(rb"[ :]pid=(\d+)")
STAMP = re.compile(rb"^type=(\S+) msg=audit\((\d+\.\d+):(\d+)\): ?(.*)$", re.S)


# What ausearch 3.0.9 --format csv says of an event of two records without a SYSCALL.
UNDESCRIBED = [b"error normalizing (null)", b"error normalizing SECCOMP", b"error normalizing ANOM_ABEND"]


class Failure(Exception):
    pass


def expect(what, is_so):
    if not is_so:
        raise Failure(what)


def status(name):
    for line in play.run("auditctl", "-s").splitlines():
        words = line.split()
        if words[0] == name:
            return int(words[1])
    raise Failure(f"auditctl -s has no {name}")


class Audit:
    """The kernel's audit and auditd, for the time of this script."""

    def __init__(self, place):
        self.place = place
        os.makedirs(f"{place}/auditd/plugins.d")
        os.chmod(f"{place}/auditd", 0o750)
        with open(f"{place}/auditd/auditd.conf", "w") as file:
            file.write(
                f"log_file = {place}/auditd/audit.log\nlog_format = RAW\nflush = INCREMENTAL_ASYNC\nfreq = 50\n"
                "max_log_file = 512\nmax_log_file_action = IGNORE\nspace_left = 2\nadmin_space_left = 1\n"
                "space_left_action = IGNORE\nadmin_space_left_action = IGNORE\ndisk_full_action = IGNORE\n"
                "disk_error_action = IGNORE\nlocal_events = yes\nname_format = NONE\n"
                f"plugin_dir = {place}/auditd/plugins.d\n")
        os.chmod(f"{place}/auditd/auditd.conf", 0o640)
        self.enabled, self.backlog = status("enabled"), status("backlog_limit")
        self.log = f"{place}/auditd/audit.log"

    def start(self):
        self.auditd = subprocess.Popen(
            ["/usr/sbin/auditd", "-n", "-c", f"{self.place}/auditd"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        play.wait_until("auditd", lambda: status("pid") == self.auditd.pid and os.path.exists(self.log))
        play.run("auditctl", "-b", str(BACKLOG))
        play.run("auditctl", "-e", "1")
        for calls in ["-S execve", "-S open,openat -F exit=-EACCES"]:
            play.run("auditctl", *f"-a always,exit -F arch=b64 {calls} -F auid={LOGIN} -k {KEY}".split())
        self.lost = status("lost")

    def stop(self):
        play.run("auditctl", "-D", "-k", KEY, check=False)
        play.run("auditctl", "-e", str(self.enabled), check=False)
        play.run("auditctl", "-b", str(self.backlog), check=False)
        self.auditd.terminate()
        self.auditd.wait(timeout=play.PATIENCE)


class Tracer:
    def __init__(self, nstrace, place, *words):
        self.nstrace, self.place = nstrace, place
        self.log, self.dump, self.control = f"{place}/nstrace.log", f"{place}/x.nsdump", f"{place}/control"
        self.said = f"{place}/said"
        self.process = subprocess.Popen(
            [nstrace, "--follow", "--no-keep", "--audit-events", "--control", self.control, "--format", "json",
             "--audit-log", self.log, "--record", self.dump, *words],
            stdin=subprocess.DEVNULL, stdout=open(f"{place}/json", "w"), stderr=open(self.said, "w"))
        play.wait_until("nstrace to follow", self.follows)

    def words(self):
        with open(self.said) as file:
            return file.read()

    def follows(self):
        expect(self.words(), self.process.poll() is None)
        return "nstrace: following" in self.words()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        expect(f"status {self.process.wait(timeout=play.PATIENCE)}: {self.words()}", self.process.returncode == 0)


def as_login(*words, **options):
    """Runs a program of the login that is audited."""
    def enter():
        with open("/proc/self/loginuid", "w") as file:
            file.write(str(LOGIN))
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=enter,
        timeout=600, **options)


def events(path):
    """The events of a log: by stamp and serial the records, as (type, text)."""
    found = collections.OrderedDict()
    with open(path, "rb") as file:
        for line in file:
            match = STAMP.match(line.rstrip(b"\n"))
            expect(f"a line without a stamp: {line!r}", match)
            kind, stamp, serial, text = match.groups()
            found.setdefault((stamp, int(serial)), []).append((kind.decode(), text))
    return found


def kernels(path):
    """The events of the kernel's audit. Ours have a key that begins with nstrace/."""
    return {stamp: records for stamp, records in events(path).items()
            if not any(b'key="nstrace' in text for kind, text in records if kind == "SYSCALL"
                       and f'key="{KEY}"'.encode() not in text)}


MENTION = re.compile(rb'record="\d+" contid="([^"]*)"(?: cses="?(\d+)"?)? rel=(\w+)')


def mentions(records):
    """What the CONTAINER_ID records of an event say: (contid, rel, cses)."""
    found = []
    for kind, text in records:
        if kind == "UNKNOWN[1394]":
            match = MENTION.match(text)
            expect(f"a CONTAINER_ID record of another form: {text!r}", match)
            found.append((match[1].decode(), match[3].decode(), match[2] and int(match[2])))
    return found


def pid_of(records):
    kinds = [text for kind, text in records if kind == "SYSCALL"] + [text for kind, text in records]
    for text in kinds:
        match = PID.search(b" " + text)
        if match:
            return int(match[1])
    return None


def is_exec_of(records, token):
    return any(kind == "EXECVE" and token.encode() in text for kind, text in records)


def check_token(all_events, token, expected, kinds):
    """All events of the process that was executed with this word name this container, and these kinds are there."""
    execs = [records for records in all_events.values() if is_exec_of(records, token)]
    expect(f"{token}: {len(execs)} execs", len(execs) >= 1)
    pid = pid_of(execs[-1])
    found = {stamp: records for stamp, records in all_events.items() if pid_of(records) == pid}
    for records in found.values():
        names = mentions(records)
        expect(f"{token}: {names} and not {expected}: {records}", [name[:2] for name in names] == expected)
        if expected and expected[0][1] == "inside":
            expect(f"{token}: no session: {records}", names[0][2])
    seen = {kind for records in found.values() for kind, _ in records}
    expect(f"{token}: {kinds} are not all in {seen}", kinds <= seen)
    return len(found)


ACTS = [("refused /etc/secret", {"SYSCALL", "EXECVE", "PATH"}), ("killed", {"SYSCALL", "SECCOMP"}),
        ("login", {"SYSCALL", "USER_LOGIN"})]


def acts(token):
    lines = [f"/bin/nsactor audited {words} {token}-{number}" for number, (words, _) in enumerate(ACTS)]
    return "; ".join(lines)


def prepare(case, nsactor):
    shutil.copy(nsactor, case.file("rootfs/bin/nsactor"))
    with open(case.file("rootfs/etc/secret"), "w"):
        pass
    os.chmod(case.file("rootfs/etc/secret"), 0)


def start_runc(case):
    """A container of runc that does the acts, then waits; and one more act by runc exec."""
    name = f"nstrace-{os.getpid()}"
    play.run("runc", "spec", "--bundle", case.place)
    with open(case.file("config.json")) as file:
        config = json.load(file)
    words = case.sleep()
    config["process"]["terminal"] = False
    config["process"]["args"] = ["/bin/busybox", "sh", "-c", f"{acts('in-runc')}; exec {' '.join(words)}"]
    config["process"].pop("rlimits", None)
    for names in config["process"]["capabilities"].values():
        names += ["CAP_SETUID"]
    config["linux"]["cgroupsPath"] = f"/docker/{play.ID}"
    with open(case.file("config.json"), "w") as file:
        json.dump(config, file)
    state = case.file("state")
    case.ends.append(lambda: play.run("runc", "--root", state, "delete", "--force", name))
    started = case.launch("runc", "--root", state, "run", "--detach", "--bundle", case.place, name)
    pid = case.pid(words)
    case.launch("runc", "--root", state, "exec", name, "/bin/nsactor", "audited", "login", "by-runc-exec")
    return pid, started


def start_podman(case):
    name = f"nstrace-{os.getpid()}"
    words = case.sleep()
    case.ends.append(lambda: play.podman(case, "rm", "--force", "--time", "0", name))
    container = case.launch(
        *play.podman_command(case), "run", "--detach", "--name", name, "--log-driver", "none", "--network", "none",
        "--cap-add", "AUDIT_WRITE", "--cap-add", "SETUID", "--rootfs", case.file("rootfs"), "/bin/busybox", "sh",
        "-c", f"{acts('in-podman')}; exec {' '.join(words)}")
    pid = case.pid(words)
    case.launch(*play.podman_command(case), "exec", name, "/bin/nsactor", "audited", "login", "by-podman-exec")
    return container.split()[-1], pid


class Containers(play.Case):
    """The files of the containers, without a tracer of its own."""

    def __init__(self, place):
        self.place, self.ends, self.number = place, [], 0
        for name in ["bin", "proc", "dev", "sys", "run", "tmp", "etc"]:
            os.makedirs(self.file(f"rootfs/{name}"))
        shutil.copy("/bin/busybox", self.file("rootfs/bin/busybox"))

    def launch(self, *words):
        with open(self.file("launched"), "w+") as said:
            def enter():
                with open("/proc/self/loginuid", "w") as file:
                    file.write(str(LOGIN))
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, preexec_fn=enter, timeout=play.PATIENCE)
            said.seek(0)
            text = said.read().strip()
        expect(f"{' '.join(words)}: {text}", done.returncode == 0)
        return text


def parts_by_auparse(log):
    """By stamp and serial the numbers of records of what auparse takes for events."""
    import auparse
    parser = auparse.AuParser(auparse.AUSOURCE_FILE, log)
    counts = {}
    while parser.parse_next_event():
        stamp = parser.get_timestamp()
        counts.setdefault((f"{stamp.sec}.{stamp.milli:03}".encode(), stamp.serial), []).append(parser.get_num_records())
    return counts


def read_by_all(log, auditds, directory):
    """ausearch, aureport and laurel read the log whole."""
    for words in [["ausearch", "-if", log, "-m", "1394"], ["ausearch", "-if", log, "-i"],
                  ["ausearch", "-if", log, "--format", "csv"], ["aureport", "-if", log],
                  ["aureport", "-if", log, "-e", "--summary"], ["aureport", "-if", log, "-x"]]:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stderr.splitlines()
        if "csv" in words:
            # Of two records without a SYSCALL it says this on standard error (docs/readers.md).
            said = [line for line in said if line not in UNDESCRIBED]
        expect(f"{words}: {done.returncode} {said[-3:]}", done.returncode == 0 and not said)
    parts, own = parts_by_auparse(log), parts_by_auparse(auditds)
    written = {stamp: len(records) for stamp, records in events(log).items()}
    expect(f"auparse has {len(parts)} events of {len(written)}", set(parts) == set(written))
    # auparse ends an event with LOGIN, in auditd's own log, too.
    split = {stamp for stamp, counts in parts.items() if counts != [written[stamp]]}
    others = {stamp for stamp in split if len(own.get(stamp, [])) != len(parts[stamp])}
    expect(f"auparse splits {others}", not others)
    config = f"{directory}/laurel.toml"
    with open(config, "w") as file:
        file.write(f'directory = "{directory}/laurel"\nuser = "root"\n[auditlog]\nfile = "l.log"\nsize = 1000000000\n')
    with open(log, "rb") as lines:
        done = subprocess.run(["laurel", "--config", config], stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    expect(f"laurel: {done.stdout[-300:]!r}", done.returncode == 0)
    with open(f"{directory}/laurel/l.log") as lines:
        laurels = {json.loads(line)["ID"] for line in lines}
    expect(f"laurel has {len(laurels)} events of {len(written)}", len(laurels) == len(written))
    return len(written)


def play_acts(nstrace, nsactor, place):
    os.makedirs(place)
    audit = Audit(place)
    case = Containers(f"{place}/case")
    audit.start()
    tracer = None
    try:
        os.mkdir(f"{place}/copies", 0o700)
        tracer = Tracer(nstrace, place, "--containers", "cgroup", "--route", f"{place}/copies")
        prepare(case, nsactor)
        pid, _ = start_runc(case)
        podman, _ = start_podman(case)
        as_login("nsenter", "-t", str(pid), "-n", "ip", "link", "set", "lo", "promisc", "on")
        as_login("/bin/true", "on-the-host")
        play.wait_until("the last event", lambda: b"on-the-host" in open(tracer.log, "rb").read())
        while case.ends:
            case.ends.pop()()
        tracer.stop()
        tracer = None
    finally:
        while case.ends:
            case.ends.pop()()
        if tracer:
            tracer.process.kill()
            tracer.process.wait()
        audit.stop()
    found = kernels(f"{place}/nstrace.log")
    counted = 0
    for token, contid in [("in-runc", play.ID), ("in-podman", podman)]:
        for number, (_, kinds) in enumerate(ACTS):
            counted += check_token(found, f"{token}-{number}", [(id_text(contid), "member")], kinds)
    for token, contid in [("by-runc-exec", play.ID), ("by-podman-exec", podman)]:
        counted += check_token(found, token, [(id_text(contid), "inside")], {"EXECVE", "USER_LOGIN"})
    promisc = [records for records in found.values() if "ANOM_PROMISCUOUS" in [kind for kind, _ in records]]
    expect(f"{len(promisc)} times promisc", len(promisc) >= 1)
    for records in promisc:
        names = mentions(records)
        expect(f"promisc: {names}", [name[:2] for name in names] == [(id_text(play.ID), "inside")] and names[0][2])
    check_token(found, "on-the-host", [], {"EXECVE"})
    whole = read_by_all(f"{place}/nstrace.log", audit.log, place)
    print(f"acts: {counted} events of two containers and two runtimes' exec, {len(promisc)} by nsenter: each with its ID; "
          f"{whole} events read by ausearch, aureport, auparse and laurel")
    check_copies(place)
    compare_offline(nstrace, place, audit.log, "--containers", "cgroup")
    compare_replay(nstrace, place, "--containers", "cgroup")


def id_text(name):
    """The ID of a container of a runtime, as nstrace spells it (docs/runtimes.md)."""
    return str(uuid.uuid5(uuid.UUID("a1bec856-9724-4e59-a252-f07c6abe21e2"), name))


# Numbers and places of the host, and who logged in there.
HIDDEN = re.compile(rb' (pid|ppid|opid|auid|ses|tty|exe|cwd|name|inode|proctitle)=(?!\?)')


def are_kernels(records):
    return (not any(b'key="nstrace' in text and f'key="{KEY}"'.encode() not in text for _, text in records)
            and any(not re.match(r"UNKNOWN\[139|VIRT_", kind) for kind, _ in records))


def check_copies(place):
    """Each container's copy has the events that name it, and nothing of the host."""
    named, copied = collections.Counter(), collections.Counter()
    for (stamp, _), records in kernels(f"{place}/nstrace.log").items():
        for contid in {contid for contids, _, _ in mentions(records) for contid in contids.split(",")}:
            named[contid, stamp] += are_kernels(records)
    for name in os.listdir(f"{place}/copies"):
        for (stamp, _), records in events(f"{place}/copies/{name}").items():
            copied[name.removesuffix(".log"), stamp] += are_kernels(records)
            for kind, text in records if are_kernels(records) else []:
                expect(f"{name}: {kind} {text!r}", not HIDDEN.search(b" " + text.split(b" msg='")[0]))
    expect(f"copies: {(named - copied, copied - named)}", +named == +copied)
    print(f"copies: {sum(named.values())} of the kernel's events in {len(os.listdir(place + '/copies'))} containers' copies, "
          "and nothing of the host")


def compare_offline(nstrace, place, log, *words):
    """annotate gives auditd's log the same lines that the tracer's log has."""
    with open(f"{place}/annotated", "wb") as out:
        done = subprocess.run(
            [nstrace, "annotate", *words, "--dump", f"{place}/x.nsdump", log], stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.PIPE)
    expect(f"annotate: {done.stderr!r}", done.returncode == 0)
    live, offline = kernels(f"{place}/nstrace.log"), events(f"{place}/annotated")
    both = [stamp for stamp in offline if stamp in live]
    differing = [stamp for stamp in both if mentions(live[stamp]) != mentions(offline[stamp])]
    expect(f"{len(differing)} of {len(both)} differ offline: "
           f"{[(live[s], offline[s]) for s in differing[:2]]}", both and not differing)
    print(f"annotate: {len(both)} events have the same lines as live; {done.stderr.decode().strip()}")


def compare_replay(nstrace, place, *words):
    done = subprocess.run(
        [nstrace, "replay", "--format", "json", "--audit-log", f"{place}/replayed.log", *words, f"{place}/x.nsdump"],
        stdin=subprocess.DEVNULL, stdout=open(f"{place}/replayed", "wb"), stderr=subprocess.PIPE)
    expect(f"replay: {done.stderr!r}", done.returncode == 0)
    for one, other in [("json", "replayed"), ("nstrace.log", "replayed.log")]:
        same = subprocess.run(["cmp", f"{place}/{one}", f"{place}/{other}"]).returncode == 0
        expect(f"a replay prints other bytes than {one}", same)
    print(f"replay: the same {os.path.getsize(place + '/json')} bytes of JSON and {os.path.getsize(place + '/nstrace.log')} of audit lines")


def play_crowd(nstrace, place, processes):
    os.makedirs(place)
    audit = Audit(place)
    audit.start()
    tracer = None
    shells = []
    try:
        tracer = Tracer(nstrace, place)
        each = processes // CROWD
        gate = f"{place}/gate"
        os.mkfifo(gate)
        script = f"read go <{gate}; n=0; while [ $n -lt {each} ]; do /bin/true; n=$((n+1)); done"
        for _ in range(CROWD + 1):
            def enter():
                with open("/proc/self/loginuid", "w") as file:
                    file.write(str(LOGIN))
            shells.append(subprocess.Popen(
                ["/bin/sh", "-c", script], preexec_fn=enter, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL))
        ids = {}
        for shell in shells[:-1]:
            ids[shell.pid] = play.run(
                nstrace, "register", "--control", tracer.control, "--pid", str(shell.pid), "--random").split()[-1]
        is_over = threading.Event()

        def pause():
            """Has events wait until their processes have ended."""
            while not is_over.wait(0.2):
                tracer.process.send_signal(signal.SIGSTOP)
                time.sleep(0.1)
                tracer.process.send_signal(signal.SIGCONT)
        pausing = threading.Thread(target=pause)
        pausing.start()
        with open(gate, "w") as file:
            file.write("go\n" * 4096)
            for shell in shells:
                shell.wait(timeout=600)
        is_over.set()
        pausing.join()
        as_login("/bin/true", "the-last")
        play.wait_until("the last event", lambda: b"the-last" in open(tracer.log, "rb").read())
        tracer.stop()
        tracer = None
        lost = status("lost") - audit.lost
    finally:
        if tracer:
            tracer.process.kill()
            tracer.process.wait()
        for shell in shells:
            shell.kill()
        audit.stop()
    expect(f"the kernel's audit has lost {lost}", lost == 0)
    right = wrong = hosts = 0
    for records in kernels(f"{place}/nstrace.log").values():
        calls = [text for kind, text in records if kind == "SYSCALL" and f'key="{KEY}"'.encode() in text]
        if not calls:
            continue
        parent = int(re.search(rb" ppid=(\d+)", calls[0])[1])
        if parent in ids and b'exe="/usr/bin/true"' in calls[0] or parent in ids and b'comm="true"' in calls[0]:
            good = [name[:2] for name in mentions(records)] == [(ids[parent], "member")]
            right, wrong = right + good, wrong + (not good)
        elif parent == shells[-1].pid:
            hosts += 1
            wrong += bool(mentions(records))
    print(f"crowd: {right} of {each * CROWD} right, {wrong} wrong, {hosts} of the host's without an ID; "
          + open(f"{place}/said").read().strip().splitlines()[-1])
    expect("not all are right", right == each * CROWD and wrong == 0 and hosts == each)
    compare_offline(nstrace, place, audit.log)
    compare_replay(nstrace, place)


def play_guide(nstrace, place):
    """Runs the five commands of docs/audit.md, one after the other."""
    os.makedirs(f"{place}/bin")
    os.symlink(nstrace, f"{place}/bin/nstrace")
    with open(os.path.join(HERE, "../../docs/audit.md")) as file:
        commands = re.search(r"```sh\n(.*?)```", file.read(), re.S)[1].splitlines()
    expect(f"{len(commands)} commands", len(commands) == 5)
    audit = Audit(place)
    audit.start()
    shell = None
    try:
        shell = subprocess.Popen(
            ["/bin/bash", "-e"], cwd=place, stdin=subprocess.PIPE, stdout=open(f"{place}/out", "w"),
            stderr=open(f"{place}/err", "w"), text=True, start_new_session=True,
            env={**os.environ, "PATH": f"{place}/bin:{os.environ['PATH']}", "LC_ALL": "C"})

        def say(command):
            expect(open(f"{place}/err").read(), shell.poll() is None)
            shell.stdin.write(command + "\n")
            shell.stdin.flush()

        def has(name, text):
            return lambda: os.path.exists(f"{place}/{name}") and text in open(f"{place}/{name}").read()
        say(commands[0])
        say(commands[1])
        play.wait_until("nstrace to follow", has("err", "nstrace: following"))
        say(commands[2])
        play.wait_until("the container", has("web.pid", "\n"))
        say(commands[3])
        play.wait_until("what it does", has("web.log", 'a0="ls"'))
        play.wait_until("the end of the event", has("web.log", "type=PROCTITLE"))
        say(commands[4])
        play.wait_until("ausearch", has("out", "proctitle=ls /"))
        say("kill %1; wait %1")
        shell.stdin.close()
        expect(open(f"{place}/err").read(), shell.wait(timeout=play.PATIENCE) == 0)
    finally:
        if shell:
            try:
                os.killpg(shell.pid, signal.SIGINT)
            except ProcessLookupError:
                pass
        play.run("auditctl", "-D", "-k", "run", check=False)
        audit.stop()
    said = open(f"{place}/out").read()
    blocks = [block for block in said.split("----\n") if "proctitle=ls /" in block]
    expect(f"{len(blocks)} events of ls: {said}", len(blocks) == 1)
    expect(blocks[0], re.search(r'UNKNOWN\[1394\].* contid="[0-9a-f-]{36}" rel=member', blocks[0])
           and "syscall=execve" in blocks[0])
    print(f"guide: docs/audit.md's five commands show {said.count('----')} events, each of the container's")
    expect(said, said.count("UNKNOWN[1394]") >= said.count("----"))


def main(words):
    processes = 10000
    if words[:1] == ["--processes"]:
        processes, words = int(words[1]), words[2:]
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    nstrace, nsactor = (os.path.abspath(word) for word in words)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    lock = open("/run/nstrace-oracle-audit.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    if status("pid") != 0 or status("enabled") == 2:
        print("events.py: another audit daemon runs, or audit is locked", file=sys.stderr)
        return 69
    place = play.tempfile.mkdtemp(prefix="nstrace-events-")
    try:
        play_guide(nstrace, f"{place}/guide")
        play_acts(nstrace, nsactor, f"{place}/acts")
        play_crowd(nstrace, f"{place}/crowd", processes)
    except (Failure, RuntimeError) as error:
        print(f"events.py: {error}", file=sys.stderr)
        if os.environ.get("KEEP"):
            print(f"events.py: see {place}", file=sys.stderr)
            return 1
        shutil.rmtree(place, ignore_errors=True)
        return 1
    shutil.rmtree(place, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
