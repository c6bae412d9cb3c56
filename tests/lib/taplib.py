# SPDX-License-Identifier: GPL-2.0
"""Test Anything Protocol, pinsim and pinscan for tests in Python."""

import json
import os
import subprocess
import sys
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("PINSCOPE_BIN", os.path.join(TOP, "build", "bin"))
PINSIM = os.environ.get("PINSIM", os.path.join(TOP, "build", "tests", "pinsim"))

count = failed = 0


def ok(cond, name):
    global count, failed
    count += 1
    if not cond:
        failed += 1
    print(f"{'ok' if cond else 'not ok'} {count} - {name}", flush=True)
    return bool(cond)


def equal(got, wanted, name):
    if not ok(got == wanted, name):
        print(f"# got:    {got!r}\n# wanted: {wanted!r}", flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


def done():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


def run(*argv, **kw):
    """A tool's run: a CompletedProcess with text."""
    argv = [os.path.join(BIN, argv[0])] + [str(a) for a in argv[1:]]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, **kw)


def pinscan(*args):
    p = run("pinscan", "-j", *args)
    if p.returncode:
        raise RuntimeError(f"pinscan {args}: {p.returncode}: {p.stderr}")
    return json.loads(p.stdout)


def in_flight():
    """What the kernel counts, per-CPU parts folded."""
    try:
        with open("/proc/sys/vm/stat_refresh", "w") as f:
            f.write("1")
    except OSError:
        pass
    words = dict(line.split() for line in open("/proc/vmstat"))
    return int(words["nr_foll_pin_acquired"]) - int(words["nr_foll_pin_released"])


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def memory_controller():
    """Where memory cgroups are mounted; None where they are not."""
    found = None
    for line in open("/proc/self/mounts"):
        _, where, kind, opts = line.split()[:4]
        if kind == "cgroup" and "memory" in opts.split(","):
            return where
        if kind == "cgroup2":
            with open(os.path.join(where, "cgroup.controllers")) as f:
                if "memory" in f.read().split():
                    found = where
    return found


class Cgroup:
    """A memory cgroup of our own and one below it: .path and .below, as the tools show them."""

    def __init__(self):
        self.mount = memory_controller()
        if not self.mount:
            raise Unavailable("no memory controller")
        self.path = f"/pinscope-test-{os.getpid()}"
        self.below = self.path + "/below"

    def dir(self, path):
        return self.mount + path

    def __enter__(self):
        made = []
        try:
            if os.path.exists(self.mount + "/cgroup.subtree_control"):
                with open(self.mount + "/cgroup.subtree_control", "w") as f:
                    f.write("+memory")
            for path in (self.path, self.below, self.path + "x"):
                os.mkdir(self.dir(path))
                made.append(path)
                procs = self.dir(path) + "/cgroup.subtree_control"
                if path == self.path and os.path.exists(procs):
                    with open(procs, "w") as f:
                        f.write("+memory")
        except OSError as why:
            for path in reversed(made):
                os.rmdir(self.dir(path))
            raise Unavailable(f"no memory cgroup can be made: {why}") from why
        return self

    def __exit__(self, *unused):
        for path in (self.path + "x", self.below, self.path):
            wait_for(lambda: not open(self.dir(path) + "/cgroup.procs").read())
            os.rmdir(self.dir(path))


class Unavailable(Exception):
    """pinsim says that this machine has not what the scenario takes."""


class Sim:
    """A running pinsim: .oracle is what it says it has pinned."""

    def __init__(self, *args, cgroup=None):
        self.base = pinscan()       # what others have pinned on this machine
        self.before = in_flight()
        argv = [PINSIM] + [str(a) for a in args]
        if cgroup:
            argv = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', cgroup] + argv
        self.proc = subprocess.Popen(argv, text=True,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                     start_new_session=True)
        line = self.proc.stdout.readline()
        if not line:
            words = self.proc.stderr.read().strip()
            if self.proc.wait() == 77:
                raise Unavailable(words)
            raise RuntimeError(f"pinsim {args}: {words}")
        self.oracle = json.loads(line)

    def since(self, scan, *path):
        """The number at @path in @scan, less what it was before the pins were taken."""
        base = self.base
        for name in path:
            scan, base = scan[name], base[name]
        return scan - base

    def __getitem__(self, name):
        return self.oracle[name]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self):
        """Ends it and waits until the kernel has given the pins back."""
        if self.proc.poll() is None:
            self.proc.terminate()
        self.proc.communicate()
        wait_for(lambda: in_flight() == self.before)
