#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# pintrace where nothing has to be traced: each view and each filter on a recording of which all is
# known (tests/replay/maketrace.c), its options, its errors. Live traces are tested in guests.

import os
import re
import subprocess
import sys
import tempfile

import jsonschema

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

SCHEMA = json.load(open(os.path.join(TOP, "docs", "schema", "pintrace.schema.json")))
DIR = tempfile.mkdtemp()
TRACE = os.path.join(DIR, "trace.dat")

subprocess.run(["make", "-s", "-C", TOP, "replays"], check=True)
subprocess.run([os.path.join(TOP, "build", "tests", "maketrace"), TRACE], check=True)


def replay(*args):
    p = run("pintrace", "--replay", TRACE, *args)
    equal((p.returncode, p.stderr), (0, ""), f"{args}: done, and nothing to say")
    return p.stdout


def lines(*args):
    return [json.loads(line) for line in replay("-j", *args).splitlines()]


def refused(*args, code=1, say=""):
    p = run("pintrace", *args)
    equal(p.returncode, code, f"{args}: exit code")
    said = p.stderr.splitlines()
    if not ok(len(said) == 1 and re.search(say, said[0]), f"{args}: one line that says '{say}'"):
        print(f"# {p.stderr!r}")
    equal(p.stdout, "", f"{args}: nothing on standard output")


# --- help and man page --------------------------------------------------------------------------

text = run("pintrace", "--help").stdout
ok(text.startswith("Usage: pintrace "), "--help")
equal(run("pintrace", "-h").stdout, text, "-h is --help")
ok(re.match(r"pintrace \S+", run("pintrace", "-V").stdout), "-V")
man = re.sub(r"\s+", " ", open(os.path.join(TOP, "man", "pintrace.8")).read().replace("\\-", "-"))
for name in re.findall(r"^ .{0,6}--([a-z-]+)", text, re.M):
    ok(f"Fl -{name}" in man or f", -{name}" in man, f"--{name} stands in the man page")
for letter in set(re.findall(r"^  -(\w),", text, re.M)):
    ok(re.search(rf"\.It Fl {letter} ,", man), f"-{letter} stands in the man page")
for page in "pintrace.8", "pintrace.dat.5":
    p = subprocess.run(["mandoc", "-Tlint", "-Wwarning", os.path.join(TOP, "man", page)],
                       capture_output=True, text=True)
    equal(p.stdout, "", f"{page} is without warnings")

# --- text ---------------------------------------------------------------------------------------

shown = replay()
ok("100 app pin_user_pages_fast(0x7f0000001000, 127, FOLL_WRITE|FOLL_LONGTERM) = 127 <12.3us>"
   in shown, "a call with its flags by name, its result and time")
ok(re.search(r"127, 0\) of 200 guest +.* process_vm #2\n", shown), "another process's memory")
ok(re.search(r"= -ENOMEM \(Cannot allocate memory\) <12.3us> vfio\n", shown), "an error by name")
ok("= 1320 of 1518 <12.3us> vfio #3" in shown, "partial success")
ok(re.search(r"9 +kworker/0:1 unpin 127 pages of #1 \(app, io_uring\), held 2.00s, dirty\n", shown),
   "which call a release ends, by whom, after how long")
ok("unpin 61 pages of no pin call that was seen\n" in shown, "a pin call that was not seen")
ok(re.search(r"- +softirq +unpin 7 pages of #4 .* in 7 calls, held 10.0s\n", shown),
   "many releases in one line")
ok("#3 (app, vfio) still holds 1320 pins, 5.2M, after 20.0s; its process has exited\n" in shown,
   "what is still held at the end")
ok("\033" not in shown, "names do no harm to a terminal")
equal(len(re.findall("softirq", replay("-a"))), 7, "-a: each release by itself")
equal(replay("--all"), replay("-a"), "--all is -a")
ok("\n        io_pin_pages+0x6f/0x150\n" in replay("-k"), "-k: stacks")
equal(replay("--stack"), replay("-k"), "--stack is -k")
equal(replay("--release-stack"), replay("-k"), "--release-stack: none was recorded")
equal(replay("--user-stack"), shown, "--user-stack: none was recorded")
utc = {**os.environ, "TZ": "UTC"}
for args, want in ((("-t",), "22:13:20 100"), (("-tt",), "22:13:20.001000 100"),
                   (("-t", "-t", "-t"), "1700000000.001000 100"), (("-r",), "     0.000000 100"),
                   (("--relative",), "     0.000000 100"), (("--time",), "22:13:20 100")):
    p = run("pintrace", "--replay", TRACE, *args, env=utc)
    ok(p.stdout.startswith(want), f"{args}: time")

# --- other output -------------------------------------------------------------------------------

objects = lines()
for o in objects:
    try:
        jsonschema.validate(o, SCHEMA)
    except jsonschema.ValidationError as e:
        ok(False, f"{o['type']}: as the schema says")
        print(f"# {list(e.path)}: {e.message}")
        break
else:
    ok(True, "JSON: as the schema says")
equal(replay("--json"), replay("-j"), "--json is -j")
pins = [o for o in objects if o["type"] == "pin"]
equal([o["got"] for o in pins], [127, 127, -12, 1320, 7], "JSON: what calls gave")
equal(sum(o["pins"] for o in objects if o["type"] == "unpin"), 127 + 127 + 61 + 7,
      "JSON: what was released")
equal(objects[-1]["held"], {"calls": 1, "pins": 1320, "bytes": 311 * 4096 + (1024 << 12)},
      "JSON: what is held, a huge page with all of its size")

shown = replay("-c")
ok(re.search(r"\ntotal +5 +1581 +1 +1 +1320 +5\.2M\n", shown), "-c: sums")
ok(re.search(r"\nio_uring +pin_user_pages_fast +12.3us +12.3us +12.3us +2.00s +10.0s +10.0s\n",
             shown), "-c: times")
ok("lifetime of 2 calls\n[1.07s, 2.15s)" in shown, "-c: histograms")
equal(replay("--summary"), shown, "--summary is -c")

chrome = json.loads(replay("--chrome"))["traceEvents"]
spans = {}
for e in chrome:
    if e["ph"] in "be":
        spans.setdefault(e["id"], []).append(e)
equal({i: (s[0]["pid"], s[1]["ts"] - s[0]["ts"]) for i, s in spans.items()},
      {1: (100, 2e6), 2: (200, 1e3), 3: (100, 19.995e6), 4: (300, 1e7 + 6)},
      "--chrome: a span for each pin, on its owner's track")
equal([e["args"]["bytes"] for e in chrome if e["ph"] == "C" and e["pid"] == 200],
      [127 * 4096, 0], "--chrome: pinned bytes")

vfio = "app;vfio_pin_pages_remote_[k];pin_user_pages_remote_[k] "
ok(vfio + "1320\n" in replay("--folded"), "--folded: pages")
equal(replay("--folded=pages"), replay("--folded"), "--folded=pages")
ok(vfio + "26393\n" in replay("--folded=page-seconds"), "--folded=page-seconds")
ok(all(re.fullmatch(r"[^;]+(;[^;]+)+ \d+", line) for line in replay("--folded").splitlines()),
   "--folded: as flamegraph.pl reads it")

# --- filters ------------------------------------------------------------------------------------

for args, want in (
        (("-p", 100), 4), (("-p", 200), 1), (("-p", "200,300"), 2), (("--pid", 4242), 0),
        (("--comm", "app"), 4), (("--comm", "gu*"), 1), (("--comm", "app", "--comm", "evil*"), 5),
        (("-u", 1000), 4), (("--user", 0), 1), (("-d", "vfio"), 2), (("-d", "vfio_iommu_type1"), 2),
        (("--driver", "io_*"), 2), (("--function", "io_pin_pages"), 2),
        (("--function", "process_vm_rw", "--function", "vfio*"), 3), (("--function", "x"), 0),
        (("--flags", "longterm"), 3), (("--flags", "!longterm"), 2), (("--flags", "FOLL_WRITE"), 3),
        (("--flags", "!write,!longterm"), 2), (("-z", "508K"), 3), (("--min-size", "509K"), 1),
        (("-Z", "28K"), 1), (("--max-size", 7 * 4096 - 1), 0), (("--failed",), 2),
        (("--held", 1), 3), (("--held", 0), 4), (("--held", 15), 1), (("-n", 2), 2),
        (("--calls", 1, "-d", "vfio"), 1)):
    got = lines(*args)
    equal(len([o for o in got if o["type"] == "pin"]), want, f"{args}: {want} calls")
    calls = {o["call"] for o in got if o["type"] == "pin"}
    ok(all(part["call"] in calls for o in got if o["type"] == "unpin" for part in o["parts"]),
       f"{args}: releases of these calls only")

got = lines("-n", 2)
equal(got[-1]["time"], [o["time"] for o in got if o["type"] == "pin"][1],
      "-n: the end is the last call's, what is held is so then")

# --- files --------------------------------------------------------------------------------------

out = os.path.join(DIR, "out")
equal(replay("-o", out), "", "-o: nothing on standard output")
equal(open(out).read(), replay(), "-o: all of it in the file")
equal(replay("--output", out, "-c"), "", "--output")
with open(TRACE, "rb") as f:
    data = f.read()
p = run("pintrace", "--replay", "-", stdin=open(TRACE))
equal(p.stdout, replay(), "--replay -: from standard input")
with open(out, "wb") as f:
    f.write(data[:-100])
p = run("pintrace", "--replay", out)
equal(p.returncode, 4, "a recording without end: exit code")
ok(re.fullmatch(r"pintrace: \S+ has no end: .*\n", p.stderr), "a recording without end: says so")
ok(p.stdout.startswith("100 app"), "a recording without end: shows what there is")
p = subprocess.run(f"'{BIN}/pintrace' --replay '{TRACE}' | head -n 1", shell=True, timeout=60,
                   capture_output=True, text=True)
equal((p.stderr, len(p.stdout.splitlines())), ("", 1), "a reader that has seen enough")

# Whoever reads it, or does not, the verdict is the same.


def unread(*args):
    r, w = os.pipe()
    os.close(r)
    p = subprocess.run([os.path.join(BIN, "pintrace"), *args], stdout=w, stderr=subprocess.PIPE,
                       text=True, timeout=60)
    os.close(w)
    return p


for args, code in (((), 0), (("-j",), 0), (("--audit",), 3), (("--audit", "-j"), 3)):
    read = run("pintrace", "--replay", TRACE, *args)
    equal(read.returncode, code, f"{args}: verdict")
    p = unread("--replay", TRACE, *args)
    equal((p.returncode, p.stderr), (code, read.stderr), f"{args}: the same without a reader")
p = unread("--replay", out)
equal(p.returncode, 4, "a recording without end, without a reader: exit code")
ok(" has no end: " in p.stderr, "a recording without end, without a reader: says so")

# --- errors -------------------------------------------------------------------------------------

refused("--replay", "/nonexistent", say="No such file")
refused("--replay", os.path.join(TOP, "README.md"), say="no pintrace recording|not a|README")
refused("--replay", TRACE, "--", "true", say="excludes")
refused("--replay", TRACE, "--record", out, say="excludes")
refused("--replay", TRACE, "--for", "1", say="excludes")
refused("--replay", TRACE, "--cgroup", "/", say="recording")
refused("--replay", TRACE, "-o", "/nonexistent/x", say="cannot write to /nonexistent/x")
refused("--replay", TRACE, "-o", "/dev/full", say="cannot write to /dev/full")
refused("--nonsense", say="--nonsense")
refused("-p", "x", say="PID must be")
refused("-p", "1", "--", "true", say="exclude")
refused("--comm", "", say="empty")
refused("-u", "nobody-of-that-name", say="no user")
refused("-z", "lots", say="min-size")
refused("-Z", "lots", say="max-size")
refused("--replay", TRACE, "-Z", "1", say="less than a page")
refused("--held", "long", say="--held")
refused("--for", "long", say="--for")
refused("-n", "0", say="from 1")
refused("-r", "-t", say="exclude")
refused("-c", "-j", say="exclude")
refused("--folded=bytes", say="WEIGHT")
refused("--buffer", "1K", say="64K")
refused("--replay", TRACE, "--flags", "nonsense", say="no flag 'nonsense'")
refused("--replay", TRACE, "--flags", "write,!write", say="absence")
refused("--btf", "/nonexistent", code=2, say="BTF|type information|/nonexistent")

# Where the kernel does not let its functions be traced there is one line that says so.
p = run("pintrace", "--for", "0.1")
if p.returncode:
    refused("--for", "0.1", code=2, say="the kernel refuses|nothing can be attached")
    p = run("pintrace", "--features")
    ok(p.returncode == 2 and re.search(r"(?m)^unpin_user_pages +cannot be attached", p.stdout),
       "--features: what there is, and what cannot be attached")
else:
    ok(True, "this kernel lets its functions be traced")
p = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", os.path.join(BIN, "pintrace")],
                   capture_output=True, text=True)
ok(p.returncode == 2 and re.search("CAP_BPF", p.stderr) and len(p.stderr.splitlines()) == 1,
   "as nobody: which capabilities are missing")
p = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", os.path.join(BIN, "pintrace"),
                    "--replay", "-"], stdin=open(TRACE), capture_output=True, text=True)
equal(p.stdout, replay(), "as nobody: a replay needs nothing")

subprocess.run(["rm", "-r", DIR], check=True)
done()
