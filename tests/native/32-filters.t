#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# What pinscan and pintop show when asked for certain processes or one cgroup: the same in both, and
# both say what their totals then mean. Processes that share their memory stand under the oldest.

import os
import re
import sys

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

SCHEMAS = {t: json.load(open(os.path.join(TOP, "docs", "schema", t + ".schema.json")))
           for t in ("pinscan", "pintop")}
ONCE = {"pinscan": ("-j",), "pintop": ("-j", "-n", "1")}
TEXT = {"pinscan": (), "pintop": ("-b", "-n", "1")}
NONE = {"pinscan": {"pids": [], "comms": [], "uid": None, "cgroup": None}}
NONE["pintop"] = {**NONE["pinscan"], "drivers": []}


def look(tool, *args):
    p = run(tool, *ONCE[tool], *args)
    if p.returncode:
        raise RuntimeError(f"{tool} {args}: {p.returncode}: {p.stderr}")
    scan = json.loads(p.stdout)
    jsonschema.validate(scan, SCHEMAS[tool])
    return scan


def pids(scan):
    return {p["pid"] for p in scan["processes"]}


def shows(tool, args, wanted, filters, total, name):
    scan = look(tool, *args)
    equal(pids(scan), set(wanted), f"{tool} {name}: the processes")
    equal(scan["filters"], {**NONE[tool], **filters}, f"{tool} {name}: what is filtered")
    equal(scan["total"]["pins"], total, f"{tool} {name}: the total is the machine's")
    equal(scan["machine"]["pins"], total, f"{tool} {name}: and the machine's is that")


def says(tool, args, regex, name):
    p = run(tool, *TEXT[tool], *args)
    if not ok(re.search(regex, p.stdout), f"{tool} {name}: says so"):
        print(f"# no match for {regex}\n" + "\n".join("# " + x for x in p.stdout.splitlines()))


with Sim("uring-anon", "--pages", 101) as a, Sim("uring-memfd", "--pages", 37) as b, \
        Sim("uring-clone-vm", "--pages", 59) as c:
    total = c.before + 59
    one, two, three, sharers = a["pid"], b["pid"], c["pid"], c["map_only"]
    everybody = pids(look("pinscan"))
    for tool in ("pinscan", "pintop"):
        shows(tool, (), everybody, {}, total, "without filter")
        shows(tool, ("-p", one), [one], {"pids": [one]}, total, "-p")
        shows(tool, ("-p", f"{one},{two}"), [one, two], {"pids": [one, two]}, total, "-p A,B")
        shows(tool, ("-p", f"{one},{one}", "-p", one), [one], {"pids": [one]}, total, "-p A,A -p A")
        shows(tool, ("--pid", one, "-p", two), [one, two], {"pids": [one, two]}, total, "-p -p")
        shows(tool, ("-c", "pinsim"), [one, two, three], {"comms": ["pinsim"]}, total, "-c")
        shows(tool, ("-c", "pin*"), [one, two, three], {"comms": ["pin*"]}, total, "-c PATTERN")
        shows(tool, ("-c", "pin"), [], {"comms": ["pin"]}, total, "-c: the whole name")
        shows(tool, ("-c", "no", "--comm", "pinsi[m]"), [one, two, three],
              {"comms": ["no", "pinsi[m]"]}, total, "-c -c")
        shows(tool, ("-u", "root"), everybody, {"uid": 0}, total, "-u root")
        shows(tool, ("--user", 65534), [], {"uid": 65534}, total, "-u 65534")
        shows(tool, ("-p", one, "-c", "pinsim", "-u", 0), [one],
              {"pids": [one], "comms": ["pinsim"], "uid": 0}, total, "-p -c -u: all of them")
        shows(tool, ("-p", one, "-c", "other"), [], {"pids": [one], "comms": ["other"]}, total,
              "-p -c: one of them not")
        # The memory of the one that is asked for stands under the oldest that has it.
        shows(tool, ("-p", sharers[1]), [three], {"pids": [sharers[1]]}, total, "-p of a sharer")
        shows(tool, ("-c", "pinsim-sharer"), [three], {"comms": ["pinsim-sharer"]}, total,
              "-c of a sharer")
        mine = look(tool, "-p", sharers[0])["processes"][0]
        equal((mine["pins"], sorted(mine["same_memory_pids"])), (59, sorted(sharers)),
              f"{tool}: the pins of shared memory, and who shares it")
        equal(look(tool, "-p", one)["processes"][0]["same_memory_pids"], [],
              f"{tool}: who shares its memory with nobody")

    n = len(everybody)
    says("pinscan", ("-p", one), rf"shown: 1 of {n} processes \(pid {one}\); "
         "the total is that of the machine", "-p")
    says("pinscan", ("-c", "pin*", "-u", "root"),
         rf"shown: 3 of {n} processes \(name pin\*, user root\)", "-c -u")
    says("pinscan", ("-p", sharers[1]), rf"2 more processes share the memory of {three} "
         rf"\(CLONE_VM\), where their pins stand\none of them is {sharers[1]} pinsim-sharer\n",
         "-p of a sharer")
    says("pinscan", ("-p", sharers[1]), r"(?m)^[0-9a-f]+-[0-9a-f]+ +rw-p +59 ",
         "-p of a sharer: the VMA")
    says("pinscan", (), rf"2 more processes share the memory of {three} ", "without filter")
    says("pintop", ("-p", one), rf"1 of {n} shown \(pid {one}\); totals are the whole machine's",
         "-p")
    says("pintop", ("-c", "pin*"), rf"3 of {n} shown \(name pin\*\);", "-c")
    says("pintop", ("-p", sharers[0]),
         rf"\(pid {sharers[0]}, {sharers[0]} stands under {three}: same memory\)",
         "-p of a sharer")

    # What each declares is the memory's, too.
    lines = pinscan("--memlock")["memlock"]
    equal({x["pid"]: x["pins"] for x in lines if x["pid"] in (one, three, *sharers)},
          {one: 101, three: 59, sharers[0]: 59, sharers[1]: 59}, "--memlock: pins of each")
    equal({x["pid"] for x in pinscan("--memlock", "-c", "pinsim-*")["memlock"]}, set(sharers),
          "--memlock -c")
    equal({x["pid"] for x in pinscan("--memlock", "-p", f"{one},{os.getpid()}")["memlock"]},
          {one, os.getpid()}, "--memlock -p A,B")
    equal(pinscan("--memlock", "-u", 65534)["memlock"], [], "--memlock -u")

    # VMAs go with processes.
    scan = pinscan("--by", "vma", "-p", sharers[0])
    equal([(g["pins"], str(three) in g["whose"]) for g in scan["groups"]], [(59, True)],
          "--by vma -p of a sharer")

# What a process has pinned and no longer maps is nobody's by the page tables: then it is named as one
# that could hold it, by whatever it was asked for.
with Sim("uring-anon", "--pages", 503, "--unmap") as a, Sim("uring-anon", "--pages", 101) as b:
    held = a.base["unmapped"]["pins"] + 503
    unmapped = rf"(?m)^unmapped: {held} pins, "
    candidate = rf"(?m)^could be held by: {a['pid']} root pinsim, 1 io_uring with 1 registered buffer "
    none = r"(?m)^none of the processes asked for is seen to have a file open that could hold it$"
    for args in (("-p", a["pid"]), ("-c", "pinsim"), ("-u", "root"), ("--by", "vma", "-p", a["pid"])):
        says("pinscan", args, unmapped, f"{args}, unmapped")
        says("pinscan", args, candidate, f"{args}, unmapped: who could hold it")
    out = run("pinscan", "-p", os.getpid()).stdout
    ok(re.search(unmapped, out) and re.search(none, out), "pinscan -p of another: it could not hold it")
    ok("could be held by" not in out, "pinscan -p of another: nor is anybody else named")
    out = run("pinscan", "-p", b["pid"]).stdout
    ok(f"could be held by: {b['pid']} " in out and f"held by: {a['pid']} " not in out,
       "pinscan -p of another that has a ring: only that is named")

try:
    with Cgroup() as cg, Sim("uring-anon", "--pages", 61) as a, \
            Sim("uring-anon", "--pages", 67, cgroup=cg.dir(cg.below)) as b, \
            Sim("uring-memfd", "--pages", 71, "--unmap", "--name", "in-below",
                cgroup=cg.dir(cg.below)) as c, \
            Sim("uring-anon", "--pages", 73, cgroup=cg.dir(cg.path + "x")) as d:
        total = d.before + 73
        for tool in ("pinscan", "pintop"):
            for path in (cg.path, cg.below, cg.path[1:], cg.path + "/", cg.dir(cg.path)):
                clean = cg.below if path == cg.below else cg.path
                scan = look(tool, "--cgroup", path)
                equal(scan["filters"], {**NONE[tool], "cgroup": clean}, f"{tool} --cgroup {path}")
                equal(scan["total"]["pins"], 67 + 71, f"{tool} --cgroup {path}: its total")
                equal(scan["unmapped"]["pins"], 71, f"{tool} --cgroup {path}: what is unmapped")
                equal(scan["machine"]["pins"], total, f"{tool} --cgroup {path}: the machine's")
                equal(scan["kernel"]["in_flight"], total, f"{tool} --cgroup {path}: the kernel's")
                equal({p["pid"]: p["pins"] for p in scan["processes"]}, {b["pid"]: 67},
                      f"{tool} --cgroup {path}: its processes")
            equal(look(tool, "--cgroup", cg.path + "x")["total"]["pins"], 73,
                  f"{tool} --cgroup: not by the first letters of a name")
            equal(look(tool, "--cgroup", cg.path, "-p", a["pid"])["processes"], [],
                  f"{tool} --cgroup -p: of another cgroup")
        equal(look("pinscan", "--cgroup", "/")["total"]["pins"] >= 61 + 67 + 71 + 73, True,
              "--cgroup /: all that is charged")
        for by in ("vma", "file", "zone", "node", "size", "cgroup", "block"):
            scan = look("pinscan", "--by", by, "--cgroup", cg.path)
            equal(sum(g["pins"] for g in scan["groups"]), 67 + 71, f"--by {by} --cgroup: adds up")
        for view in ("cgroup", "file", "node"):
            scan = look("pintop", "--view", view, "--cgroup", cg.path)
            equal(sum(g["pins"] for g in scan["groups"]), 67 + 71, f"--view {view} --cgroup: adds up")
        equal(sum(r["pins"] for r in pinscan("--pfn", "0-fffffffff", "--cgroup", cg.path)["runs"]),
              67 + 71, "--pfn --cgroup: adds up")
        equal(sum(x["pins"] for x in pinscan("--memory-block", "--cgroup", cg.path)["memory_blocks"]),
              67 + 71, "--memory-block --cgroup: adds up")
        equal(pinscan("--cgroup", cg.path)["kernel"]["difference"], None,
              "--cgroup: no difference to explain")
        equal(pinscan("--cgroup", cg.path)["changed_since"], {"folios": 0, "pins": 0},
              "--cgroup: nothing changed meanwhile")

        says("pinscan", ("--cgroup", cg.path), rf"only memory charged to cgroup {cg.path} and below, as "
             rf"the total: 138 of the machine's {total} pins\n", "--cgroup")
        says("pinscan", ("--cgroup", cg.path),
             rf"kernel in flight: {total} pins; found by scan: {total}\n", "--cgroup")
        says("pinscan", ("--cgroup", cg.path, "-c", "no"),
             r"shown: 0 of 1 process \(name no\); the total is that of the cgroup", "--cgroup -c")
        says("pinscan", ("--pfn", "0-fffffffff", "--cgroup", cg.path),
             rf"138 pins hold .* charged to cgroup {cg.path} and below\n", "--pfn --cgroup")
        says("pinscan", ("--memory-block", "--cgroup", cg.path),
             rf"held by memory charged to cgroup {cg.path} and below", "--memory-block --cgroup")
        says("pintop", ("--cgroup", cg.path), rf"(?m)^Rows +138 of {total} pins: all but In "
             rf"flight is of cgroup {cg.path}$", "--cgroup")
        says("pintop", ("--cgroup", cg.path), rf"(?m)^In flight {total}$", "--cgroup")
except Unavailable as why:
    skip("--cgroup", str(why))


def refused(args, say):
    for tool in ("pinscan", "pintop"):
        p = run(tool, *TEXT[tool], *args)
        equal((p.returncode, p.stdout, len(p.stderr.splitlines())), (1, "", 1),
              f"{tool} {args}: exit code, nothing on standard output, one line")
        if not ok(re.search(say, p.stderr), f"{tool} {args}: says '{say}'"):
            print(f"# {p.stderr!r}")


for bad in ("x", "0", "-1", "", "1,", ",1", "1,x", "99999999999"):
    refused(("-p", bad), "PID must be a number from 1, not '")
refused(("-p", "999999999"), "there is no process 999999999")
refused(("-p", "1,999999999"), "there is no process 999999999")
refused(("-c", ""), "NAME of --comm is empty")
refused(("-u", "no-such-user"), "there is no user 'no-such-user'")
refused(("-u", "4294967295"), "there is no user")
for bad in ("/no/such", "no-such", "", "/../..", "/cgroup.procs"):
    refused(("--cgroup", bad), f"cannot find cgroup '{bad}' below the memory controller's mount: ")
refused(("-u", "root", "--user", "0"), "--user was given twice")
if memory_controller():
    refused(("--cgroup", "/", "--cgroup", "/"), "--cgroup was given twice")
for option in ("-p", "-c", "-u", "--cgroup"):
    refused((option,), "needs ")

done()
