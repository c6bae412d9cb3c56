#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# More pinned files than the scan's table has room for: no pin is lost, only names, and it is said
# how many.

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

ROOM = 16384
FILES = 16411
NOTE = f"no name for {FILES - ROOM} files, which stand together: the table holds {ROOM}"


def lost(*args):
    p = run("pinscan", "-j", *args)
    equal(p.returncode, 4, f"pinscan {args}: exit code")
    ok(NOTE in p.stderr, f"pinscan {args}: says how many names it lost")
    return json.loads(p.stdout)


with Sim("many-files", "--pages", FILES) as sim:
    scan = lost()
    equal(scan["scan"]["files_lost"], FILES - ROOM, "files_lost")
    equal(sim.since(scan, "total", "pins"), FILES, "no pin is lost")
    equal(scan["kernel"]["difference"], None, "and the kernel counts as many")
    p = next(p for p in scan["processes"] if p["pid"] == sim["pid"])
    equal((p["pins"], p["pinned_bytes"]), (FILES, FILES * 4096), "all of them are the process's")
    equal(sim.since(scan, "unseen", "pins"), 0, "none is unseen")

    for mode in ((), ("--read", "bulk"), ("--read", "page"), ("-t", "4")):
        groups = lost("--by", "file", *mode)["groups"]
        equal(sum(g["pins"] for g in groups), sim.before + FILES, f"by file {mode}: adds up")
        mine = [g["pins"] for g in groups if g["name"] == "memfd:one-of-many"]
        equal((len(mine), set(mine)), (ROOM, {1}), f"by file {mode}: those with a name")
        equal([g["pins"] for g in groups if g["name"] == "(name not known)"], [FILES - ROOM],
              f"by file {mode}: the others stand together")

    p = run("pintop", "-j", "-n", "1", "--view", "file")
    equal(p.returncode, 4, "pintop: exit code")
    top = json.loads(p.stdout)
    ok(NOTE in top["notes"], "pintop: says how many names it lost")
    equal(sum(g["pins"] for g in top["groups"]), sim.before + FILES, "pintop: by file, adds up")

# One more than there is room for, and as many.
for n, code in ((ROOM + 1, 4), (ROOM, 0)):
    with Sim("many-files", "--pages", n) as sim:
        p = run("pinscan", "-j")
        equal((p.returncode, json.loads(p.stdout)["scan"]["files_lost"]), (code, n - ROOM),
              f"{n} files: exit code and how many are lost")

# The table is emptied before each scan.
equal(run("pinscan").returncode, 0, "none are pinned any more: nothing is lost")

done()
