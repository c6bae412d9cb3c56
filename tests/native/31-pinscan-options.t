#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# pinscan's options: each is tried, each stands in the man page, all JSON is as the schema says, and
# every documented error is one line and the documented exit code.

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import xml.dom.minidom

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

SCHEMA = json.load(open(os.path.join(TOP, "docs", "schema", "pinscan.schema.json")))
TIME = r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n"
PINSCAN = os.path.join(BIN, "pinscan")


def conforms(scan, name):
    try:
        jsonschema.validate(scan, SCHEMA)
        ok(True, f"the JSON of {name} is as the schema says")
    except jsonschema.ValidationError as e:
        ok(False, f"the JSON of {name} is as the schema says")
        print(f"# {list(e.path)}: {e.message}")


def valid(*args):
    scan = pinscan(*args)
    conforms(scan, args)
    return scan


def series(*args):
    """The objects of a repeated scan, one on each line."""
    p = run("pinscan", *args)
    equal(p.returncode, 0, f"{args}: exit code")
    scans = [json.loads(line) for line in p.stdout.splitlines()]
    for i, scan in enumerate(scans):
        conforms(scan, f"{args}, time {i + 1}")
    return scans


def refused(*args, code=1, say=""):
    p = run("pinscan", *args)
    equal(p.returncode, code, f"{args}: exit code")
    lines = p.stderr.splitlines()
    ok(len(lines) == 1 and re.search(say, lines[0]), f"{args}: one line that says '{say}'")
    if len(lines) != 1 or not re.search(say, lines[0]):
        print(f"# {p.stderr!r}")
    equal(p.stdout, "", f"{args}: nothing on standard output")


def tried(*args, say):
    p = run("pinscan", *args)
    equal(p.returncode, 0, f"{args}: exit code")
    if not ok(re.search(say, p.stdout), f"{args}: shows '{say}'"):
        print("\n".join("# " + x for x in (p.stdout + p.stderr).splitlines()))
    return p.stdout


def names(o):
    """All names of members in a schema."""
    if isinstance(o, list):
        return {n for x in o for n in names(x)}
    if not isinstance(o, dict):
        return set()
    return set(o.get("properties", {})) | {n for x in o.values() for n in names(x)}


for schema in ("pinscan", "pinstat", "pintop"):
    text = open(os.path.join(TOP, "docs", "schema", f"{schema}.schema.json")).read()
    equal([n for n in names(json.loads(text)) if not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", n)], [],
          f"the names in {schema}'s schema are snake_case")

text = tried("--help", say="^Usage: pinscan")
ok(run("pinscan", "-h").stdout == text, "-h is --help")
tried("-V", say=r"^pinscan \S+")
tried("--version", say=r"^pinscan \S+")
man = re.sub(r"\s+", " ", open(os.path.join(TOP, "man", "pinscan.8")).read().replace("\\-", "-"))
for name in re.findall(r"--([a-z-]+)", text):
    ok(f"Fl -{name}" in man, f"--{name} stands in the man page")
for letter in set(re.findall(r"^  -(\w),", text, re.M)):
    ok(re.search(rf"\.It Fl {letter} ,", man), f"-{letter} stands in the man page")
for name in set(re.findall(r"Fl -([a-z][a-z-]+)", man)):
    ok(f"--{name}" in text, f"--{name} of the man page stands in --help")

with Sim("uring-anon", "--pages", 101) as sim, Sim("uring-memfd", "--pages", 37, "--unmap"):
    total = sim.before + 138
    unmapped = sim.base["unmapped"]["pins"] + 37
    pid = str(sim["pid"])
    for args in ((), ("-p", pid), ("--pid", pid), ("-c", "pinsim"), ("--comm", "pinsim"),
                 ("-u", "root"), ("--user", "0"), ("--cgroup", "/"), ("--memlock", "-c", "pinsim"),
                 ("--memory-block",), ("--memlock",), ("--memlock", "-p", pid),
                 ("--pfn", "0-ffffffff"), ("--top", "1"), ("-t", "3"), ("--threads", "2"),
                 ("--read", "bulk"), ("--read", "page"), ("--read", "cast"), ("--btf", "/sys/kernel/btf/vmlinux")):
        valid(*args)
    for by in ("process", "vma", "file", "zone", "node", "size", "cgroup", "block"):
        valid("--by", by)
        tried("--by", by, say="total")
    for key in ("bytes", "pins", "name", "pid", "change"):
        valid("--sort", key)
    block = pinscan("--memory-block")["memory_blocks"][0]["block"]
    valid(f"--memory-block={block}")

    out = tried(say=rf"(?m)^ *{pid} +root +pinsim +101 +404K +4\.0K:101 ")
    ok(re.search(rf"(?m)^ *- +- +\(unmapped\) +{unmapped} ", out), "a line for unmapped memory")
    ok(re.search(rf"(?m)^ *- +- +total +{total} ", out), "a line for the total")
    ok(re.search(r"unmapped: 37 pins, 148K of shmem memfd:guest-ram", out), "unmapped, by file")
    ok(re.search(r"could be held by: \d+ root pinsim, 1 io_uring with 1 registered", out),
       "the candidates")
    ok(f"kernel in flight: {total} pins; found by scan: {total}\n" in out, "the kernel's count beside it")
    tried("-p", pid, say=r"ADDRESS.*\n.* rw-p +101 +404K .*\[anon\]")
    out = tried("-p", f"2,{os.getpid()}", say="(?m)^2 has no memory of its own: a kernel thread, or")
    ok(re.search(rf"(?m)^{os.getpid()} maps nothing that is pinned$", out), "-p: of one without pins")
    ok("ADDRESS" not in out, "-p: no heading above no VMAs")
    tried("--pfn", "0-ffffffff", say=r"WHOSE")
    tried("--pfn", "0-ffffffff", say=rf"{total} pins hold \S+ in page frames 0-ffffffff")
    pfn = next(r["pfn_first"] for r in pinscan("--pfn", "0-ffffffff")["runs"] if r["pid"] == sim["pid"])
    tried("--pfn", pfn, say=r"\n1 pin holds 4\.0K in page frames ")

    # Where no memory is there is no answer, rather than no pins.
    ram = [tuple(int(x, 16) // 4096 for x in re.match(r"(\w+)-(\w+) : System RAM", line).groups())
           for line in open("/proc/iomem") if re.match(r"\w+-\w+ : System RAM", line)]
    end = ram[-1][1] + 1
    nothing = r"\n0 pins hold 0 in page frames {}\nno memory is online in that range: there was nothing to look at\n"
    for spec in (f"{end + 0x80000:x}-{end + 0x800ff:x}", "fffffff000000-fffffffffffff"):
        tried("--pfn", spec, say=nothing.format(spec))
        equal(valid("--pfn", spec)["range"]["online_bytes"], 0, f"--pfn {spec}: no memory")
    spec = f"{end - 16:x}-{end + 0x80000:x}"
    tried("--pfn", spec, say=rf"page frames {spec}\nonly 64.0K of that range is memory that is online\n")
    equal(valid("--pfn", spec)["range"],
          {"pfn_first": f"0x{end - 16:x}", "pfn_last": f"0x{end + 0x80000:x}",
           "online_bytes": 65536}, "--pfn: the range and its memory")
    tried("--pfn", f"{end - 16:x}+10", say=rf"page frames {end - 16:x}-{end - 1:x}\n$")
    equal(valid("--pfn", f"{end - 16:x}+10")["range"]["online_bytes"], 65536, "--pfn: all memory")
    tried("--memory-block", say=r"no, pinned")
    tried("--memory-block", str(block), say=rf"memory{block} (.|\n)*PFNS")
    tried("--memlock", say=rf"(?m)^ *{pid} .* 101 +404K +404K +0 ")
    out = tried("--top", "1", say=f"total +{total}")
    ok(re.search(rf"(?m)^ *- +- +\(unmapped\) +{unmapped} ", out), "--top leaves (unmapped) where it is")
    out = tried("-w", "0.1", "-n", "2", say="CHANGE")
    equal(out.count("kernel in flight"), 2, "-w -n 2: twice")
    equal(len(re.findall(TIME + r" *PID ", out)), 2, "-w: each time has its date and time of day first")
    equal(re.findall(TIME, run("pinscan").stdout), [], "once: no time")
    out = tried("--watch", "0.1", "--count", "3", "--sort", "change", say="CHANGE")
    equal(out.count("kernel in flight"), 3, "--watch --count 3: three times")
    ok(json.loads(run("pinscan", "--json").stdout)["schema"], "--json: is -j")
    for args in (("-j", "-w", "0.1", "-n", "2"), ("--json", "--watch", "0.1", "--count", "2")):
        for by in ((), ("--by", "vma"), ("--by", "file")):
            scans = series(*args, *by)
            equal(len(scans), 2, f"{args} {by}: one line for each time")
            lines = "groups" if by else "processes"
            equal(["change_bytes" in g for s in scans for g in s[lines]],
                  [False] * len(scans[0][lines]) + [True] * len(scans[1][lines]),
                  f"{args} {by}: change is there from the second time on")

    for tables, *args in ((1, "--pfn", "0-ffffffff"), (1, "--memory-block"), (1, "--memlock"),
                          (2, "--memory-block", str(block))):
        series("-j", "-w", "0.1", "-n", "2", *args)
        out = tried("-w", "0.1", "-n", "2", *args, say="CHANGE")
        equal(out.count("CHANGE"), tables, f"{args}: not the first time")
        equal(len(re.findall(TIME, out)), 2, f"{args}: each time has its date and time of day")
    tried("-w", "0.1", "-n", "2", "--pfn", "0-ffffffff", say="page frames 0-ffffffff, change none")

    with tempfile.TemporaryDirectory() as d:
        svg = os.path.join(d, "map.svg")
        equal(run("pinscan", "--map", svg).returncode, 0, "--map: exit code")
        doc = xml.dom.minidom.parse(svg)
        equal(doc.documentElement.tagName, "svg", "--map: well-formed SVG")
        ok(f"pinsim[{pid}]" in open(svg).read(), "--map: names the owner")
        equal(os.listdir(d), ["map.svg"], "--map: leaves nothing else behind")
        p = run("pinscan", "--map", "-")
        equal(xml.dom.minidom.parseString(p.stdout).documentElement.tagName, "svg", "--map -")
    refused("--map", "/nonexistent/map.svg", say="/nonexistent/map.svg.*No such file")

# Below the table only the largest are listed, where there are many.
with Sim("uring-memfd", "--pages", 3, "--share", 25, "--unmap"):
    others = len(pinscan()["unmapped"]["candidates"]) - 25
    out = tried(say=rf"(?m)^and {others + 5} more that could hold it; --json has all of them$")
    equal(out.count("could be held by: "), 20, "no more than 20 candidates are listed")

# On a terminal a name that has no room is cut, and that is to be seen.
def on_terminal(columns, *args):
    """The lines on a terminal that many columns wide."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    p = subprocess.Popen([PINSCAN, *args], stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    out = b""
    try:
        while chunk := os.read(master, 65536):
            out += chunk
    except OSError:     # the other side is closed
        pass
    p.wait()
    os.close(master)
    return out.decode().splitlines()


with Sim("uring-memfd", "--pages", 11, "--share", 2, "--name", "a-name-that-is-longer") as sim:
    row = re.compile(rf" *{sim['pids'][0]} .*memfd:.*")
    what = "memfd:a-name-that-is-longer (shared)"
    lines = {n: next(filter(row.match, on_terminal(n))) for n in (300, 100, 90, 88, 86, 84, 82, 80)}
    ok(lines[300].endswith(f" {what}"), "a wide terminal has all of it")
    ok(lines[80].endswith("+"), "80 columns: cut, with a mark")
    for n, line in lines.items():
        ok(len(line) <= n and (line.endswith(f" {what}") or
                               line[-1] == "+" and line[line.index("memfd:"):-1] in what),
           f"{n} columns: all of it, or cut with a mark")

# The true one is among them, however many larger rings there are.
with Sim("uring-memfd", "--pages", 521, "--share", 25), Sim("uring-anon", "--pages", 503, "--unmap") as sim:
    out = tried(say=r"(?m)^and \d+ more that could hold it; --json has all of them$")
    equal(re.search(r"could be held by: (\d+)", out).group(1), str(sim["pid"]),
          "the candidate whose buffers have the size of what is unmapped is the first")
    equal(pinscan()["unmapped"]["candidates"][0]["pid"], sim["pid"], "in JSON as well")

refused("-p", "4194000", say="no process 4194000")
for bad in ("0", "x", "-1", ""):
    refused("-p", bad, say="PID")
for bad in ("", "zz", "5-3", "[5, 5)", "1-", "fffffffffffffffff", "5-4-3"):
    refused("--pfn", bad, say="bad page frame range")
refused("--memory-block=999999", say="no memory block 999999")
refused("--memory-block=x", say="memory block")
refused("--by", "colour", say="cannot group by 'colour'")
refused("--sort", "colour", say="cannot sort by 'colour'")
refused("--top", "0", say="number of lines")
refused("-w", "0", say="interval '0'")
refused("-w", "nan", say="interval 'nan'")
refused("-n", "3", say="--count goes with --watch")
refused("-n", "0", "-w", "1", say="count '0'")
refused("-t", "65", say="threads '65'")
refused("--read", "tea", say="cannot read by 'tea'")
refused("--nosuch", say="--nosuch.*--help")
refused("-Q", say="unknown option -Q")
refused("-p", say="needs PID")
refused("extra", say="unexpected argument 'extra'")
refused("--pfn", "1", "--memlock", say="exclude each other")
for option in (("--pfn=1-2", "--pfn=3-4"), ("--by=file", "--by=node"), ("--by=file", "--by=file"),
               ("--memory-block", "--memory-block=3"), ("--map=a.svg", "--map=b.svg")):
    refused(*option, say=f"{option[0].split('=')[0]} was given twice")
for mode in (("--pfn", "1"), ("--memory-block",), ("--memlock",), ("--map", "x.svg")):
    refused(*mode, "--by", "file", say="--by goes with none of")
    refused(*mode, "--by", "process", say="--by goes with none of")
    refused(*mode, "--sort", "pins", say="--sort goes with none of")
    refused("--top", "3", *mode, say="--top goes with none of")
refused("--map", "x.svg", "-j", say="--map")
refused("-p", "1", "--by", "node", say="--pid, --comm and --user go only with")
refused("-p", "1", "--pfn", "1", say="--pid, --comm and --user go only with")
refused("-c", "x", "--by", "file", say="--comm and --user go only with")
refused("-u", "root", "--memory-block", say="--comm and --user go only with")
refused("--cgroup", "/", "--memlock", say="--cgroup goes with neither --memlock nor --map")
refused("--cgroup", "/", "--map", "x.svg", say="--cgroup goes with neither --memlock nor --map")
refused("--btf", "/nonexistent", code=2, say="/nonexistent: No such file")
refused("--btf", "/dev/null", code=2, say="/dev/null is neither BTF, ")


def as_nobody(*args, **kw):
    """Without any privilege; the binary is copied where everybody may read it."""
    with tempfile.TemporaryDirectory() as d:
        os.chmod(d, 0o755)
        copy = os.path.join(d, "pinscan")
        with open(PINSCAN, "rb") as a, open(copy, "wb") as b:
            b.write(a.read())
        os.chmod(copy, 0o755)
        return subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy,
                               *args], capture_output=True, text=True)


p = as_nobody()
equal(p.returncode, 2, "no root: exit code")
ok(len(p.stderr.splitlines()) == 1, "no root: one line")
for cap in ("CAP_BPF", "CAP_PERFMON", "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"):
    ok(cap in p.stderr, f"no root: {cap} is named")
equal(as_nobody("--help").returncode, 0, "no root: --help works")

# With only part of them, what is missing is named.
p = subprocess.run(["setpriv", "--inh-caps=-all,+bpf,+perfmon", "--bounding-set=-all,+bpf,+perfmon",
                    PINSCAN], capture_output=True, text=True)
equal(p.returncode, 1, "only CAP_BPF and CAP_PERFMON: exit code")
ok("CAP_SYS_ADMIN" in p.stderr and len(p.stderr.splitlines()) == 1,
   "only CAP_BPF and CAP_PERFMON: CAP_SYS_ADMIN is named, in one line")

def with_caps(caps):
    """As nobody, with these capabilities."""
    p = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", f"--inh-caps={caps}",
                        f"--ambient-caps={caps}", PINSCAN, "-j"], capture_output=True, text=True)
    return json.loads(p.stdout)


# Other users' processes cannot be looked at without CAP_SYS_PTRACE: said, and nothing invented.
with Sim("uring-anon", "--pages", 103) as sim:
    scan = with_caps("+sys_admin,+bpf,+perfmon")
    equal(sim.since(scan, "total", "pins"), 103, "without CAP_SYS_PTRACE: the total stands")
    ok(scan["unseen"]["pins"] >= 103, "without CAP_SYS_PTRACE: the owner is not seen")
    ok(any("CAP_SYS_PTRACE" in n for n in scan["notes"]), "without CAP_SYS_PTRACE: it is named")

# Nor can their open files, without that or without CAP_DAC_READ_SEARCH.
with Sim("uring-anon", "--pages", 43, "--unmap") as sim:
    for more, missing in (("", "CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE"),
                          (",+sys_ptrace", "CAP_DAC_READ_SEARCH"),
                          (",+dac_read_search", "CAP_SYS_PTRACE"),
                          (",+sys_ptrace,+dac_read_search", None)):
        scan = with_caps("+sys_admin,+bpf,+perfmon" + more)
        said = [n for n in scan["notes"] if "open files" in n]
        seen = sim["pid"] in [c["pid"] for c in scan["unmapped"]["candidates"]]
        equal((len(said), seen), (1, False) if missing else (0, True), f"open files, missing {missing}")
        ok(all(f"missing {missing}: " in n for n in said), f"open files: {missing} is named")
        if any(b["cgroup"] for b in scan["unmapped"]["by"]):
            named = not any((b["cgroup"] or "").startswith("#") for b in scan["unmapped"]["by"])
            said = [n for n in scan["notes"] if "by number: missing CAP_DAC_READ_SEARCH" in n]
            equal((named, len(said)), (True, 0) if "dac" in more else (False, 1),
                  f"names of cgroups, missing {missing}")

# In a PID namespace of its own it sees neither the pinner nor its memory's owner, and says so.
with Sim("uring-anon", "--pages", 107) as sim:
    p = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", PINSCAN, "-j"],
                       capture_output=True, text=True)
    scan = json.loads(p.stdout)
    equal(sim.since(scan, "total", "pins"), 107, "PID namespace: the total stands")
    ok(scan["unseen"]["pins"] >= 107, "PID namespace: the pins are of processes not seen")
    equal(scan["processes"], [], "PID namespace: no process is blamed")
    ok(any("PID namespace" in n for n in scan["notes"]), "PID namespace: it says so")

# Standard output that is closed, full or read no further.
p = subprocess.run(f"{PINSCAN} >&-", shell=True, capture_output=True, text=True)
equal(p.returncode, 1, "closed standard output: exit code")
ok("cannot write to standard output" in p.stderr, "closed standard output: says so")
p = subprocess.run(f"{PINSCAN} -j >/dev/full", shell=True, capture_output=True, text=True)
equal(p.returncode, 1, "full disk: exit code")
ok("No space left" in p.stderr, "full disk: says so")
p = subprocess.run(f"set -o pipefail; {PINSCAN} -w 0.1 | head -1", shell=True, text=True,
                   executable="/bin/bash", capture_output=True, timeout=30)
equal((p.returncode, bool(re.fullmatch(TIME, p.stdout))), (0, True), "a reader that has seen enough ends -w")

done()
