#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Where the environment lacks something, each tool that scans says in one line what that is: not what
# the first call that failed made of it.

import os
import re
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

TOOLS = (("pinscan",), ("pintop", "-b", "-n", "1"), ("pinleak",))


def fails(how, code, say, tool, *args, inside=(), **kw):
    argv = [*inside, os.path.join(BIN, tool[0]), *tool[1:], *args]
    p = subprocess.run(argv, capture_output=True, text=True, timeout=60, **kw)
    equal((p.returncode, p.stdout, len(p.stderr.splitlines())), (code, "", 1),
          f"{how}, {tool[0]}: exit code, nothing on standard output, one line")
    if not ok(re.search(say, p.stderr), f"{how}, {tool[0]}: says '{say}'"):
        print(f"# {p.stderr!r}")


def files(n):
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (n, n))}


for tool in TOOLS:
    for inside in (("unshare", "-Ur"), ("setpriv", "--reuid=65534", "--clear-groups", "unshare", "-U")):
        if subprocess.run([*inside, "true"], capture_output=True).returncode:
            skip(f"user namespace, {tool[0]}", "none can be made")
            continue
        fails("user namespace", 2, "Operation not permitted: inside a user namespace, whose",
              tool, inside=inside)

    # What a map or a program that could not be made is taken for differs with where the files end,
    # and that with the version of libbpf.
    for n in range(5, 10):
        fails(f"{n} files", 2, rf"Too many open files: no more than {n} may be open \(ulimit -n\)",
              tool, **files(n))
    p = run(*tool, **files(11))
    ok(p.returncode in (1, 2) and "Too many open files" in p.stderr, f"11 files, {tool[0]}: says so")

    fails("no /proc", 1, r"cannot read /proc/self/pagemap: No such file or directory; is /proc mounted\?",
          tool, inside=("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"))

for tool in (*TOOLS, ("pintrace", "-n", "1")):
    for name in ("/etc/passwd", "/dev/null", "/bin/true", "/tmp"):
        fails(f"--btf {name}", 2, f"{name} is neither BTF, ", tool, "--btf", name)
    fails("--btf of a file that is not there", 2, "/nonexistent: No such file or directory",
          tool, "--btf", "/nonexistent")

done()
