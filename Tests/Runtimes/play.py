#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real runtimes, and trees of cgroups as absent ones make them: which containers nstrace finds.

usage: play.py NSTRACE [CASE...]

Runs each case, or those named, as root, and prints a line for each process that it looks at: the case,
whose process it is, the path of its cgroup, and what nstrace calls the containers that it is in,
outermost first (-: none). Exit status: 0 when all is as expected, 1 when not, 64 wrong usage.
A case takes seconds; nothing waits for longer than 60.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE = 60
ID = "5b92" + os.urandom(30).hex()
OTHER = "5b93" + os.urandom(30).hex()
POD = "pod8c6c7a4e_0df5_4b1b_8d5e_2a8e1f3b9c7d"


def run(*command, check=True, **options):
    """Runs a program and returns its standard output, stripped."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=PATIENCE, **options)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def launch(*command):
    """Runs a program that leaves a process behind, and returns its output. The process keeps the output open."""
    with tempfile.TemporaryFile("w+") as said:
        status = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=PATIENCE).returncode
        said.seek(0)
        text = said.read().strip()
    if status != 0:
        raise RuntimeError(f"{' '.join(command)}: {text}")
    return text


def wait_until(what, found):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(0.05)
    raise RuntimeError(f"waited in vain for {what}")


def cgroup(pid):
    """The cgroup of a process in v2 or, if that is the root, in the v1 hierarchy that identifies containers."""
    with open(f"/proc/{pid}/cgroup") as lines:
        paths = {name: path for line in lines for _, names, path in [line.rstrip("\n").split(":", 2)]
                 for name in names.split(",")}
    if paths.get("", "/") != "/":
        return paths[""]
    for controller in ["memory", "pids", "freezer", "cpu"]:
        if controller in paths:
            return paths[controller]
    return "/"


class Case:
    """A scratch directory with a root file system, a tracer, and the programs started beside it."""

    def __init__(self, nstrace, patterns):
        self.place = tempfile.mkdtemp(prefix="nstrace-runtimes-")
        self.nstrace = nstrace
        self.ends = []
        self.number = 0
        for name in ["bin", "proc", "dev", "sys", "run", "tmp", "etc"]:
            os.makedirs(self.file(f"rootfs/{name}"))
        shutil.copy("/bin/busybox", self.file("rootfs/bin/busybox"))
        given = [word for pattern in patterns for word in ["--cgroup-pattern", pattern]]
        self.tracer = self.start(
            nstrace, "--follow", "--no-keep", "--containers", "cgroup", "--format", "none", "--control",
            self.file("control"), *given, stderr=open(self.file("said"), "w"))
        wait_until("nstrace to follow", self.follows)

    def follows(self):
        with open(self.file("said")) as said:
            text = said.read()
        if self.tracer.poll() is not None:
            raise RuntimeError(text)
        return "nstrace: following" in text

    def file(self, name):
        return os.path.join(self.place, name)

    def start(self, *command, **options):
        """Starts a program that ends with the case."""
        options.setdefault("stdout", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.DEVNULL)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **options)
        self.ends.append(lambda: end(process))
        return process

    def sleep(self):
        """The words of a command line that no other program has."""
        self.number += 1
        return ["/bin/busybox", "sleep", f"9{os.getpid()}{self.number:03}"]

    def pid(self, words):
        """The pid of the process with that command line."""
        wanted = "\0".join(words) + "\0"

        def found():
            for path in glob.glob("/proc/[0-9]*/cmdline"):
                try:
                    with open(path) as file:
                        if file.read() == wanted:
                            return int(path.split("/")[2])
                except OSError:
                    pass
            return None
        return wait_until(f"the process {' '.join(words)}", found)

    def containers(self, pid):
        """The names that nstrace gives the containers of a process, outermost first."""
        objects = self.asked("tree")
        names = {one["contid"]: one.get("name", "?") for one in objects if one["type"] == "container"}
        for one in objects:
            if one["type"] == "task" and one["tid"] == pid:
                return [names[contid] for contid in reversed(one["contid"])]
        return []

    def asked(self, *words):
        """The objects that the tracer answers with."""
        lines = run(self.nstrace, *words, "--format", "json", "--control", self.file("control"))
        return [json.loads(line) for line in lines.splitlines()]

    def session(self, pid):
        """The number of the session that a process is in; 0: none."""
        for one in self.asked("tree"):
            if one.get("tid") == pid and one["type"] != "container":
                return one.get("cses", 0)
        return 0

    def visit(self, session):
        """The names of the containers that a session is inside, and whether it has ended."""
        for one in self.asked("sessions"):
            if one.get("cses") == session:
                return [container.get("name", "?") for container in one["containers"]], "to" in one
        return [], False

    def shape(self, path):
        """Starts a process in a cgroup of that path, in the hierarchy that runtimes use; returns its pid."""
        directory = root()
        for name in path.strip("/").split("/"):
            directory = f"{directory}/{name}"
            if not os.path.isdir(directory):
                os.mkdir(directory)
                self.ends.append(lambda made=directory: remove(made))
        words = self.sleep()
        process = self.start(*words)
        with open(f"{directory}/cgroup.procs", "w") as file:
            file.write(str(process.pid))
        return process.pid

    def end(self):
        for step in reversed(self.ends):
            step()
        shutil.rmtree(self.place, ignore_errors=True)


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def remove(directory):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            return os.rmdir(directory)
        except OSError:
            time.sleep(0.05)
    return None


def remove_tree(name):
    """Removes a tree of cgroups from every hierarchy."""
    for directory in glob.glob(f"/sys/fs/cgroup/{name}") + glob.glob(f"/sys/fs/cgroup/*/{name}"):
        for below, _, _ in os.walk(directory, topdown=False):
            remove(below)


def root():
    """The mount point of the hierarchy that runtimes use."""
    memory = "/sys/fs/cgroup/memory"
    return memory if os.path.isdir(memory) else "/sys/fs/cgroup"


# --- Cases: each gives a list of (process, pid, names of its expected containers) -----------------------


def podman_command(case):
    """podman with all its files in the case's directory, and only limits that the caller may set."""
    with open(case.file("containers.conf"), "w") as file:
        file.write('[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
    return [
        "env", f"CONTAINERS_CONF={case.file('containers.conf')}", "podman", "--root",
        case.file("storage"), "--runroot", case.file("runroot"), "--tmpdir", case.file("libpod"),
        "--storage-driver", "vfs", "--events-backend", "none", "--runtime", "runc",
        "--cgroup-manager", "cgroupfs",
    ]


def podman(case, *words):
    return launch(*podman_command(case), *words)


def podman_run(case, *options):
    name = f"nstrace-{os.getpid()}-{case.number}"
    case.ends.append(lambda: podman(case, "rm", "--force", "--time", "0", name))
    container = podman(
        case, "run", "--detach", "--name", name, "--log-driver", "none", *options, "--rootfs", case.file("rootfs"), *case.sleep())
    pid, conmon = podman(
        case, "inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", name).split()
    return [("container", int(pid), [container]), ("conmon", int(conmon), [])]


def podman_alone(case):
    return podman_run(case, "--network", "none")


def parent(case):
    """The options for a parent cgroup, which podman leaves behind."""
    name = f"nstrace-parent-{os.getpid()}"
    case.ends.append(lambda: remove_tree(name))
    return ["--cgroup-parent", f"/{name}"]


def podman_exec(case):
    """What is executed in a container has come in from outside: it has a session, until it ends."""
    found = podman_run(case, "--network", "none")
    names = found[0][2]
    words = case.sleep()
    case.start(*podman_command(case), "exec", names[0], *words)
    pid = case.pid(words)
    session = wait_until("a session of what is executed", lambda: case.session(pid))
    if case.visit(session) != (names, False):
        raise RuntimeError(f"session {session} is {case.visit(session)}")
    os.kill(pid, signal.SIGKILL)
    wait_until("the end of the session", lambda: case.visit(session) == (names, True))
    return found


def podman_traced(case):
    """`nstrace -- podman run`, until conmon has ended, too: as many ends as creations, and podman's status."""
    with open(case.file("traced"), "w") as said:
        status = subprocess.run(
            [case.nstrace, "-o", case.file("records"), "--format", "json", "--", *podman_command(case), "run",
             "--rm", "--network", "none", "--log-driver", "none", "--rootfs", case.file("rootfs"),
             "/bin/busybox", "sh", "-c", "exit 7"],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=PATIENCE).returncode
    with open(case.file("records")) as lines:
        types = [json.loads(line)["type"] for line in lines]
    made, ended = types.count("NS_CREATE"), types.count("NS_DESTROY")
    print(f"podman-traced: status {status}, {made} creations, {ended} ends", flush=True)
    if status != 7 or made < 4 or made != ended:
        with open(case.file("traced")) as said:
            raise RuntimeError(f"4 creations or more, as many ends and status 7 are expected: {said.read()}")
    return []


def podman_parent(case):
    return podman_run(case, "--network", "none", *parent(case))


def podman_pod(case, *options):
    name, image = f"nstrace-pod-{os.getpid()}", "localhost/nstrace-infra"
    run("tar", "-C", case.file("rootfs"), "-cf", case.file("infra.tar"), ".")
    podman(case, "import", case.file("infra.tar"), image)
    words = case.sleep()
    podman(
        case, "pod", "create", "--name", name, "--infra-image", image, "--infra-command",
        " ".join(words), "--network", "none", "--share", "ipc,uts", *options)
    case.ends.append(lambda: podman(case, "pod", "rm", "--force", "--time", "0", name))
    found = podman_run(case, "--pod", name)
    pid = case.pid(words)
    infra = podman(case, "pod", "inspect", "--format", "{{.InfraContainerID}}", name)
    # Its containers share namespaces, and none of them visits another.
    for whose, member, _ in [found[0], ("infra", pid, [])]:
        if case.session(member):
            raise RuntimeError(f"the {whose} is in session {case.session(member)}")
    return found + [("infra", pid, [infra])]


def podman_pod_parent(case):
    return podman_pod(case, *parent(case))


def podman_build(case, is_given=False):
    words = case.sleep()
    with open(case.file("Containerfile"), "w") as file:
        file.write(f"FROM scratch\nCOPY rootfs /\nRUN {json.dumps(words)}\n")
    with open(case.file("built"), "w") as said:
        case.start(
            *podman_command(case), "build", "--network", "none", "--file", case.file("Containerfile"),
            case.place, stdout=said, stderr=said)
    pid = case.pid(words)
    path = cgroup(pid)
    case.ends.append(lambda: remove_tree(path.strip("/")))
    case.ends.append(lambda: os.kill(pid, signal.SIGKILL))
    return [("build", pid, [path.removeprefix("/buildah-")] if is_given else [])]


def podman_build_pattern(case):
    return podman_build(case, is_given=True)


def runc(case, name, expected, path=None):
    config = case.file("config.json")
    run("runc", "spec", "--bundle", case.place)
    with open(config) as file:
        spec = json.load(file)
    spec["process"]["terminal"] = False
    spec["process"]["args"] = words = case.sleep()
    spec["process"].pop("rlimits", None)
    if path:
        spec["linux"]["cgroupsPath"] = path
    with open(config, "w") as file:
        json.dump(spec, file)
    state = case.file("state")
    case.ends.append(lambda: run("runc", "--root", state, "delete", "--force", name))
    launch("runc", "--root", state, "run", "--detach", "--bundle", case.place, name)
    return [("container", case.pid(words), expected)]


def runc_default(case):
    return runc(case, f"nstrace-{os.getpid()}", [])


def runc_pattern(case):
    return runc(case, f"nstrace-{os.getpid()}", [str(os.getpid())])


def runc_path(case):
    return runc(case, f"nstrace-{os.getpid()}", [ID], f"/docker/{ID}")


def runc_nested(case):
    """A container of a runtime that is itself in a container's cgroup, as in docker."""
    return runc(case, f"nstrace-{os.getpid()}", [ID, OTHER], f"/docker/{ID}/docker/{OTHER}")


def containerd(case, namespace, expected):
    address = case.file("containerd.sock")
    with open(case.file("containerd.toml"), "w") as file:
        file.write('version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
    case.start(
        "containerd", "--config", case.file("containerd.toml"), "--address", address, "--root",
        case.file("containerd"), "--state", case.file("containerd-state"), "--log-level", "error")
    ctr = ["ctr", "--address", address, "--namespace", namespace]
    wait_until("containerd", lambda: os.path.exists(address))
    if not os.path.isdir(f"{root()}/{namespace}"):
        case.ends.append(lambda: remove_tree(namespace))
    words, name = case.sleep(), f"nstrace-{os.getpid()}"

    def over():
        run(*ctr, "task", "kill", "--signal", "SIGKILL", name, check=False)
        wait_until("its end", lambda: not run(*ctr, "task", "delete", name, check=False)
                   and name not in run(*ctr, "task", "list", "--quiet"))
        run(*ctr, "container", "delete", name, check=False)
    case.ends.append(over)
    launch(*ctr, "run", "--detach", "--null-io", "--rootfs", case.file("rootfs"), name, *words)
    return [("container", case.pid(words), expected(name))]


def ctr_default(case):
    return containerd(case, "default", lambda name: [name])


def ctr_web(case):
    return containerd(case, "web", lambda name: [])


def ctr_web_pattern(case):
    return containerd(case, "web", lambda name: [name])


def lxc(case):
    words, name = case.sleep(), f"nstrace-{os.getpid()}"
    os.mkdir(case.file(name))
    with open(case.file(f"{name}/config"), "w") as file:
        file.write(f"lxc.uts.name = web\nlxc.net.0.type = empty\nlxc.init.cmd = {' '.join(words)}\n"
                   f"lxc.rootfs.path = dir:{case.file('rootfs')}\n")
    lxc = ["-P", case.place, "-n", name]
    case.ends.append(lambda: run("lxc-stop", *lxc, "--kill", check=False))
    launch("lxc-start", *lxc, "--daemon")
    pid = case.pid(words)
    with open(f"/proc/{pid}/status") as status:
        monitor = next(int(line.split()[1]) for line in status if line.startswith("PPid:"))
    return [("container", pid, [name]), ("monitor", monitor, [])]


# The paths of runtimes that are not installed, by their documentation: real cgroups, real processes.
SHAPES = [
    ("docker, cgroupfs", f"/docker/{ID}", [ID]),
    ("docker, systemd", f"/system.slice/docker-{ID}.scope", [ID]),
    ("docker, --cgroup-parent /ci", f"/ci/{ID}", [ID]),
    ("docker, --cgroup-parent ci-a.slice", f"/ci.slice/ci-a.slice/docker-{ID}.scope", [ID]),
    ("docker in docker", f"/docker/{ID}/docker/{OTHER}", [ID, OTHER]),
    ("docker's daemon", "/system.slice/docker.service", []),
    ("kubelet with containerd, cgroupfs", f"/kubepods/burstable/{POD}/{ID}", [ID]),
    ("kubelet's pod, cgroupfs", f"/kubepods/burstable/{POD}", []),
    ("kubelet with containerd, systemd",
     f"/kubepods.slice/kubepods-{POD}.slice/cri-containerd-{ID}.scope", [ID]),
    ("kubelet with CRI-O, systemd", f"/kubepods.slice/kubepods-{POD}.slice/crio-{ID}.scope", [ID]),
    ("CRI-O's conmon, systemd", f"/kubepods.slice/kubepods-{POD}.slice/crio-conmon-{ID}.scope", []),
    ("kind", f"/docker/{OTHER}/kubelet/kubepods/burstable/{POD}/{ID}", [OTHER, ID]),
    ("podman, systemd", f"/machine.slice/libpod-{ID}.scope/container", [ID]),
    ("podman's conmon, systemd", f"/machine.slice/libpod-conmon-{ID}.scope", []),
    ("podman in a pod, systemd",
     f"/machine.slice/machine-libpod_pod_{OTHER}.slice/libpod-{ID}.scope", [ID]),
    ("podman's pod, systemd", f"/machine.slice/machine-libpod_pod_{OTHER}.slice", []),
    ("conmon in podman's pod, systemd",
     f"/machine.slice/machine-libpod_pod_{OTHER}.slice/libpod-conmon-{ID}.scope", []),
    ("docker in LXC", f"/lxc.payload.nstrace-web/system.slice/docker-{ID}.scope", ["nstrace-web", ID]),
    ("nspawn", r"/machine.slice/machine-nstrace\x2dweb.scope/payload", ["nstrace-web"]),
    ("nspawn itself", r"/machine.slice/machine-nstrace\x2dweb.scope/supervisor", []),
    ("a directory called default", "/home/default/builds", []),
    ("64 digits further down", f"/ci/jobs/{ID}", []),
]


def shapes(case):
    return [(what, case.shape(path), expected) for what, path, expected in SHAPES]


CASES = {
    "podman": (podman_alone, []),
    "podman-exec": (podman_exec, []),
    "podman-traced": (podman_traced, []),
    "podman-parent": (podman_parent, []),
    "podman-pod": (podman_pod, []),
    "podman-pod-parent": (podman_pod_parent, []),
    "podman-build": (podman_build, []),
    "podman-build-pattern": (podman_build_pattern, ["/buildah-{name}"]),
    "runc": (runc_default, []),
    "runc-pattern": (runc_pattern, ["/nstrace-{name}"]),
    "runc-path": (runc_path, []),
    "runc-nested": (runc_nested, []),
    "ctr": (ctr_default, []),
    "ctr-web": (ctr_web, []),
    "ctr-web-pattern": (ctr_web_pattern, ["/web/{name}"]),
    "lxc": (lxc, []),
    "shapes": (shapes, []),
}


def play(name, nstrace):
    """Plays a case; returns whether all is as expected."""
    body, patterns = CASES[name]
    case = Case(nstrace, patterns)
    holds = True
    try:
        for whose, pid, expected in body(case):
            found = case.containers(pid)
            mark = "" if found == expected else f"  EXPECTED {','.join(expected) or '-'}"
            holds = holds and found == expected
            print(f"{name}: {whose}: {cgroup(pid)}: {','.join(found) or '-'}{mark}", flush=True)
    finally:
        case.end()
    return holds


def main(arguments):
    if not arguments or arguments[0].startswith("-"):
        print(__doc__.strip())
        return 64 if not arguments else 0
    nstrace, *names = arguments
    unknown = [name for name in names if name not in CASES]
    if unknown:
        print(f"play.py: there is no case {unknown[0]}: {', '.join(CASES)}", file=sys.stderr)
        return 64
    failed = []
    for name in names or CASES:
        try:
            if not play(name, os.path.realpath(nstrace)):
                failed.append(name)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            print(f"play.py: {name}: {error}", file=sys.stderr)
            failed.append(name)
    if failed:
        print(f"play.py: not as expected: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
