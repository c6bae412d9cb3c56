#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Signals end each tool where it waits, what it has written being whole: between two rounds, and
# while its reader does not read.

import fcntl
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

# An hour between two rounds: only the signal can end it sooner.
ROUNDS = (("pinscan", "-j", "-w", "3600"), ("pinscan", "-w", "3600"), ("pintop", "-j", "-d", "3600"),
          ("pintop", "-b", "-d", "3600"), ("pinstat", "-j", "3600"), ("pinstat", "3600"))


def start(argv, out):
    # A background job ignores SIGINT, and the tools mind that.
    return subprocess.Popen(["env", "--default-signal=INT", os.path.join(BIN, argv[0]), *argv[1:]],
                            stdout=out, stderr=subprocess.PIPE, text=True)


def catches(proc):
    """Is SIGTERM one that the tool has a handler for?"""
    with open(f"/proc/{proc.pid}/status") as f:
        return int(f.read().split("SigCgt:")[1].split()[0], 16) >> (signal.SIGTERM - 1) & 1


for argv in ROUNDS:
    name = " ".join(argv)
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with tempfile.TemporaryFile("w+") as out:
            p = start(argv, out)
            wait_for(lambda: os.fstat(out.fileno()).st_size)
            p.send_signal(sig)
            try:
                p.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.communicate()
            equal(p.returncode, 0, f"{name}: {sig.name} ends it well")
            out.seek(0)
            text = out.read()
        if "-j" in argv:
            equal(json.loads(text)["tool"], argv[0], f"{name}: {sig.name}, the object is whole")
        else:
            equal(text[-1:], "\n", f"{name}: {sig.name}, the last line is whole")

    # A pipe that is full: the first round cannot be written.
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    os.write(w, b"x" * 4096)
    p = start(argv, w)
    ok(wait_for(lambda: catches(p)), f"{name}: a reader that does not read: it runs")
    # More than one, should the first come while it does not wait yet.
    ok(wait_for(lambda: p.send_signal(signal.SIGTERM) or p.poll() is not None),
       f"{name}: a reader that does not read: a signal ends it")
    p.kill()
    p.communicate()
    equal(p.returncode, 0, f"{name}: a reader that does not read: exit code")
    os.close(r)
    os.close(w)

# Once, no reader and no scan keeps a signal from ending it at once.
r, w = os.pipe()
fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
os.write(w, b"x" * 4096)
p = start(("pinscan", "-j"), w)


def writes(proc):
    """Is it in a system call whose first argument is 1, as that of write()?"""
    with open(f"/proc/{proc.pid}/syscall") as f:
        return f.read().split()[1:2] == ["0x1"]


ok(wait_for(lambda: writes(p)), "pinscan once, with a reader that does not read")
p.terminate()
ok(wait_for(lambda: p.poll() is not None), "pinscan once: a signal ends it all the same")
p.kill()
p.communicate()
equal(p.returncode, -signal.SIGTERM, "pinscan once: by that signal")

done()
