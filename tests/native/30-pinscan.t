#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# pinscan against pins taken on purpose: equal to what pinsim says it took and to what the kernel
# counts, to the page, for each kind of memory.

import ctypes
import gc
import mmap
import os
import re
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403


def process(scan, pid):
    return next((p for p in scan["processes"] if p["pid"] == pid), None)


def agrees(scan, sim, name):
    """The machine is quiet but for @sim: total, kernel and oracle are one number."""
    equal(scan["total"]["pins"], sim.before + sim["expected_pins"], f"{name}: total is the oracle")
    equal(scan["kernel"]["in_flight"], scan["total"]["pins"], f"{name}: total is the kernel's")
    equal(scan["kernel"]["difference"], None, f"{name}: no difference to explain")
    equal(scan["changed_since"], {"folios": 0, "pins": 0}, f"{name}: nothing changed meanwhile")


def owned(name, *args, kind, what=None, pins=None, extra=()):
    """A scenario whose pinner maps its memory itself, all of it of one kind."""
    try:
        sim = Sim(*args)
    except Unavailable as why:
        skip(name, str(why))
        return
    with sim:
        for mode in ((), ("--read", "bulk"), ("--read", "page"), ("-t", "2")):
            scan = pinscan(*mode, *extra)
            p = process(scan, sim["tgid"])
            how = f"{name} {' '.join(mode)}"
            agrees(scan, sim, how)
            if not ok(p, f"{how}: the process is there"):
                continue
            equal(p["pins"], pins or sim["expected_pins"], f"{how}: pins of the process")
            equal(p["pinned_bytes"], sim["expected_bytes"], f"{how}: bytes of the process")
            equal(sim.since(scan, "unmapped", "pins"), 0, f"{how}: nothing is unmapped")
            equal(sim.since(scan, "unseen", "pins"), 0, f"{how}: nothing is unseen")
            equal([s["folio_bytes"] for s in p["folio_sizes"]], [sim["folio_bytes"]],
                  f"{how}: size of the folios")
            equal(p["kind_bytes"], {kind: sim["expected_bytes"]}, f"{how}: kind of memory")
            if what:
                equal(p["what"], what, f"{how}: what it is")


def pin(memory, length):
    """Pins the first bytes of an mmap; io_uring's file descriptor, which holds them, or None."""
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(425, 1, ctypes.create_string_buffer(120))
    iov = (ctypes.c_void_p * 2)(ctypes.addressof(ctypes.c_char.from_buffer(memory)), length)
    return ring if ring >= 0 and not libc.syscall(427, ring, 0, iov, 1) else None


def gigantic_page():
    """An mmap of one huge page of 1 GiB, and what puts it back; None where there is none to be had."""
    counter = "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
    try:
        before = open(counter).read()
        with open(counter, "w") as f:
            f.write(str(int(before) + 1))
    except OSError:
        return None

    def put_back():
        with open(counter, "w") as f:
            f.write(before)

    try:
        # MAP_HUGETLB | MAP_HUGE_1GB
        return mmap.mmap(-1, 1 << 30, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | 0x40000 | 30 << 26), put_back
    except OSError:
        put_back()
        return None


equal(pinscan()["total"]["pins"], in_flight(), "before: as many pins as the kernel counts")

owned("anon 4K", "uring-anon", "--pages", 1009, kind="anon", what="[anon]")
owned("THP", "uring-thp", "--size", "8M", kind="anon", what="[anon]")
owned("part of a THP", "uring-partial-thp", kind="anon")
owned("huge pages of 64K", "uring-mthp", kind="anon", what="[anon]")
owned("huge pages of 64K, beyond 2 MiB", "uring-mthp", "--pages", 53, kind="anon", what="[anon]")
owned("memfd", "uring-memfd", "--pages", 503, "--name", "guest-ram", kind="shmem",
      what="memfd:guest-ram")
owned("hugetlb", "uring-hugetlb", "--reserve-hugepages", kind="hugetlb", what="[anon hugetlb]")
owned("memfd of hugetlb pages", "uring-memfd-hugetlb", "--reserve-hugepages", kind="hugetlb")
owned("main thread exited", "uring-anon", "--pages", 211, "--thread", kind="anon", what="[anon]")
owned("children forked after pinning", "uring-anon", "--pages", 307, "--fork", 3, kind="anon")
owned("AF_XDP, anon 4K", "xdp-anon", kind="anon", what="[anon]")
owned("AF_XDP, THP", "xdp-thp", "--pages", 1, kind="anon", what="[anon]")
owned("AF_XDP, memfd", "xdp-memfd", "--name", "umem", kind="shmem", what="memfd:umem")
owned("AF_XDP, hugetlb", "xdp-hugetlb", "--pages", 1, "--reserve-hugepages", kind="hugetlb")
owned("AF_XDP, a driver's memory", "xdp-bpfmap", kind="driver", what="anon_inode:bpf-map")
owned("udmabuf", "udmabuf-memfd", "--name", "buffer", kind="shmem", what="memfd:buffer")

# 8 MiB of THP are four folios, and on kernels that coalesce them four pins.
with Sim("uring-thp", "--size", "8M") as sim:
    scan = pinscan()
    equal(process(scan, sim["pid"])["pinned_bytes"], 8 << 20, "8 MiB of THP: 8 MiB held")
    equal(process(scan, sim["pid"])["folios"], 4, "8 MiB of THP: 4 folios")

# Memory that no process maps: by file, kind and cgroup, with those who could hold it.
for name, args, kind, file, holder in (
        ("anon", ("uring-anon", "--pages", 107, "--unmap"), "anon", None, "io_uring"),
        ("memfd", ("uring-memfd", "--pages", 101, "--name", "gone", "--unmap"), "shmem",
         "memfd:gone", "io_uring"),
        ("memfd closed", ("uring-memfd", "--pages", 103, "--unmap", "--close"), "truncated", None,
         "io_uring"),
        ("AF_XDP", ("xdp-anon", "--pages", 109, "--unmap"), "anon", None, "AF_XDP"),
        ("udmabuf", ("udmabuf-memfd", "--pages", 97, "--name", "buf", "--unmap"), "shmem",
         "memfd:buf", "dma-buf")):
    try:
        sim = Sim(*args)
    except Unavailable as why:
        skip(f"unmapped {name}", str(why))
        continue
    with sim:
        scan = pinscan()
        agrees(scan, sim, f"unmapped {name}")
        un = scan["unmapped"]
        equal(sim.since(scan, "unmapped", "pins"), sim["expected_pins"], f"unmapped {name}: pins")
        equal(sim.since(scan, "unmapped", "pinned_bytes"), sim["expected_bytes"],
              f"unmapped {name}: bytes")
        new = [b for b in un["by"] if b not in sim.base["unmapped"]["by"]]
        equal([(b["kind"], b["file"]) for b in new], [(kind, file)],
              f"unmapped {name}: by kind and file")
        ok((sim["holders"][0], holder) in [(c["pid"], c["what"]) for c in un["candidates"]],
           f"unmapped {name}: the holder is a candidate")
        if holder == "io_uring":
            ok(any(c["registered_bytes"] == sim["expected_bytes"] for c in un["candidates"]),
               f"unmapped {name}: the candidate's buffers are the right size")

# Who shares that memory by CLONE_VM has open files of his own, and so may a thread.
with Sim("uring-clone-vm", "--pages", 109, "--unmap") as sim:
    candidates = pinscan()["unmapped"]["candidates"]
    mine = {(c["pid"], c["comm"], c["fds"]) for c in candidates if c["what"] == "io_uring"}
    wanted = {(sim["pid"], "pinsim", 1)} | {(p, "pinsim-sharer", 1) for p in sim["map_only"]}
    equal(wanted - mine, set(), "CLONE_VM: each that has the ring is a candidate")

    def own_files():
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x400) or libc.syscall(425, 1, ctypes.create_string_buffer(120)) < 0:
            print(f"# {os.strerror(ctypes.get_errno())}")
        opened.set()
        closing.wait()

    opened, closing = threading.Event(), threading.Event()
    thread = threading.Thread(target=own_files)
    thread.start()
    opened.wait()
    candidates = pinscan()["unmapped"]["candidates"]
    closing.set()
    thread.join()
    equal([c["fds"] for c in candidates if (c["pid"], c["what"]) == (os.getpid(), "io_uring")], [1],
          "a thread with open files of its own: its process is a candidate")

# The ring is passed on, the process that pinned has exited.
with Sim("uring-anon", "--pages", 113, "--pass-ring") as sim:
    scan = pinscan()
    agrees(scan, sim, "ring passed on")
    equal(sim.since(scan, "unmapped", "pins"), 113, "ring passed on: the memory is nobody's")
    ok(sim["holders"][0] in [c["pid"] for c in scan["unmapped"]["candidates"]],
       "ring passed on: who has it now is a candidate")

# Two processes pin the same memfd: each has all, the total has it once.
with Sim("uring-memfd", "--pages", 127, "--share", 2) as sim:
    scan = pinscan()
    agrees(scan, sim, "shared memfd")
    equal(sim.since(scan, "total", "pinned_bytes"), 127 * 4096, "shared memfd: memory counted once")
    for pid in sim["pids"]:
        p = process(scan, pid)
        equal((p["pins"], p["pins_shared"]), (254, 254), "shared memfd: each maps all the pins")

# One pins, others only map: their mm never pinned, so only the mappings tell.
with Sim("uring-memfd", "--pages", 131, "--map-only", 3) as sim:
    scan = pinscan()
    agrees(scan, sim, "mapped by others")
    for pid in sim["pids"] + sim["map_only"]:
        p = process(scan, pid)
        equal(p and p["pins_shared"], 131, "mapped by others: found by mapping count")
    equal(sim.since(scan, "unseen", "pins"), 0, "mapped by others: every mapping was found")

# A page that 2,000 processes map has a reference count above 1024 and no pin.
with Sim("mappers", "--procs", 2000) as sim:
    scan = pinscan()
    equal(scan["total"]["pins"], sim.before, "a page with 2,000 mappers is not reported")
    equal(sim.since(scan, "refcount_bias", "pins"), 0, "a page with 2,000 mappers is no bias")

# Nor has what pipes refer to as often: no page table says so, and no pin is there.
with Sim("pipe-page") as sim:
    for mode in ((), ("--read", "bulk"), ("--read", "page")):
        scan = pinscan(*mode)
        agrees(scan, sim, f"a page that pipes refer to {mode}")
        equal(sim.since(scan, "refcount_bias", "pins"), sim["references"] // 1024,
              f"a page that pipes refer to {mode}: a bias, not a pin")
        equal(sim.since(scan, "refcount_bias", "pinned_bytes"), 4096,
              f"a page that pipes refer to {mode}: its size")
with Sim("pipe-zero") as sim:
    for mode in ((), ("--read", "bulk"), ("--read", "page")):
        scan = pinscan(*mode)
        agrees(scan, sim, f"the zero page {mode}")
        equal(sim.since(scan, "refcount_bias", "pins"), 0, f"the zero page {mode}: no bias either")

# A driver's small pages that nobody maps look the same: not in the total, and said.
with Sim("xdp-bpfmap", "--unmap") as sim:
    scan = pinscan()
    equal(sim.since(scan, "refcount_bias", "pins"), sim["expected_pins"],
          "a driver's memory, unmapped: with what looks like it")
    ok("counts as refcount bias" in (scan["kernel"]["difference"] or ""),
       "a driver's memory, unmapped: the difference is explained")

# Others come and go: the one that pins is exact all the same.
with Sim("uring-anon", "--pages", 1013) as sim:
    with Sim("churn", "--procs", 200):
        for i in range(5):
            scan = pinscan()
            equal(scan["total"]["pins"], sim.before + 1013, f"200 processes come and go ({i}): total")
            p = process(scan, sim["pid"])
            equal(p and p["pins"], 1013, f"200 processes come and go ({i}): the process")

# A series shows the change, whatever is listed; here of pins that come while it runs.
for lines, *args in (("processes",), ("groups", "--by", "file"), ("runs", "--pfn", "0-fffffffff"),
                     ("memory_blocks", "--memory-block"), ("memlock", "--memlock")):
    watch = subprocess.Popen([os.path.join(BIN, "pinscan"), "-j", "-w", "0.1", *args],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    first = json.loads(watch.stdout.readline())
    ok("change_bytes" not in first, f"change {args}: not the first time")
    with Sim("uring-anon", "--pages", 1021) as sim:
        scans = []
        while sum(s["change_bytes"] for s in scans) < 1021 * 4096 and len(scans) < 100:
            scans.append(json.loads(watch.stdout.readline()))
    watch.terminate()
    watch.communicate()
    equal(sum(s["change_bytes"] for s in scans), 1021 * 4096, f"change {args}: of the total")
    equal([sum(x["change_bytes"] for x in s[lines]) for s in scans],
          [s["change_bytes"] for s in scans], f"change {args}: of the lines")

# It dies in the middle of a series of scans: each scan is of before or after.
sim = Sim("uring-anon", "--pages", 1019)
with tempfile.TemporaryFile("w+") as out:
    watch = subprocess.Popen([os.path.join(BIN, "pinscan"), "-j", "-w", "0.1", "-n", "20"],
                             stdout=out, stderr=subprocess.DEVNULL)
    wait_for(lambda: os.fstat(out.fileno()).st_size)
    sim.proc.kill()
    watch.wait()
    out.seek(0)
    text = out.read()
equal(watch.returncode, 0, "death in the middle: pinscan ends well")
scans = [json.loads(line) for line in text.splitlines()]
equal(len(scans), 20, "death in the middle: every scan is there")
wrong = [s["total"]["pins"] for s in scans
         if s["total"]["pins"] not in (sim.before, sim.before + 1019)
         and not s["kernel"]["difference"]]
equal(wrong, [], "death in the middle: all of it, nothing of it, or a difference that is explained")
ok(wait_for(lambda: pinscan()["total"]["pins"] == sim.before), "death in the middle: all released")
sim.stop()

# A quiet machine gives the same answer twice; a busy one says that it is.
with Sim("uring-memfd", "--pages", 509) as sim:
    a, b = pinscan("--by", "vma"), pinscan("--by", "vma")
    equal(a["processes"], b["processes"], "two scans of a quiet machine agree")
with Sim("pvm", "--threads", 2) as sim:
    moved = [pinscan()["kernel"]["acquired_during_scan"] for i in range(5)]
    ok(any(moved), "a busy machine: the movement of the kernel's counters is shown")
    texts = [run("pinscan").stdout for i in range(5)]
    ok(any(re.search("pins? (were taken|came and went)", t) for t in texts),
       "a busy machine: the table shows it as well")
    ok(wait_for(lambda: pinscan()["changed_since"]["folios"], 60),
       "a busy machine: folios that had changed since they were read")
    ok(wait_for(lambda: re.search(r"; \d+ folios? with \d+ pins? changed since",
                                  run("pinscan").stdout), 60), "the same in words")
    top = subprocess.Popen([os.path.join(BIN, "pintop"), "-j", "-d", "0.1", "--source", "scan"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    lines = (json.loads(line) for line in top.stdout)
    changed = next((t for t, n in zip(lines, range(600)) if t["changed_since"]["folios"]), None)
    top.terminate()
    top.communicate()
    ok(changed, "pintop: folios that had changed since they were read")
    ok(changed and any("had changed when they were read again" in n for n in changed["notes"]),
       "pintop: and a note says so")

# Grouped: each grouping adds up to the total.
with Sim("uring-anon", "--pages", 1009) as sim, Sim("uring-memfd", "--pages", 31) as sim2:
    for by in ("file", "zone", "node", "size", "cgroup", "block"):
        scan = pinscan("--by", by)
        equal(sum(g["pins"] for g in scan["groups"]), scan["total"]["pins"],
              f"--by {by}: pins add up")
        equal(sum(g["pinned_bytes"] for g in scan["groups"]), scan["total"]["pinned_bytes"],
              f"--by {by}: bytes add up")
    scan = pinscan("--by", "vma")
    equal(sum(v["pins"] for p in scan["processes"] for v in p["vmas"]),
          scan["mapped"]["pins"], "--by vma: pins add up")

    # Page frames: what --pfn lists of the whole machine is the total.
    scan = pinscan("--pfn", "0-fffffffff")
    equal(sum(r["pins"] for r in scan["runs"]), scan["total"]["pins"], "--pfn: all runs add up")
    mine = [r for r in scan["runs"] if r["pid"] == sim["pid"]]
    run_ = max(mine, key=lambda r: int(r["pfn_last"], 16) - int(r["pfn_first"], 16))
    a, b = int(run_["pfn_first"], 16), int(run_["pfn_last"], 16)
    for spec, n in ((f"{a:x}-{b:x}", b - a + 1), (f"[{a:x}, {b:x})", b - a),
                    (f"alloc_contig_range: [{a:x}, {b + 1:x}) PFNs busy", b - a + 1),
                    (f"{a:x}", 1)):
        if not n:
            continue
        runs = pinscan("--pfn", spec)["runs"]
        equal(sum(r["pins"] for r in runs), n * (run_["pins"] // (b - a + 1)), f"--pfn '{spec}'")
        equal({r["pid"] for r in runs}, {sim["pid"]}, f"--pfn '{spec}': whose it is")
    part = pinscan("--pfn", f"{a:x}")
    equal(part["kernel"]["in_flight"], scan["total"]["pins"], "--pfn: the kernel counts the machine")
    equal(part["kernel"]["difference"], None, "--pfn: a part is not compared with the machine")

    # Memory blocks: those that hold pins are those that the page frames lie in.
    size = int(open("/sys/devices/system/memory/block_size_bytes").read(), 16) // 4096
    blocks = pinscan("--memory-block")["memory_blocks"]
    want = {int(r["pfn_first"], 16) // size for r in scan["runs"]} | \
           {int(r["pfn_last"], 16) // size for r in scan["runs"]}
    equal({b["block"] for b in blocks}, want, "--memory-block: the blocks with pins")
    equal(sum(b["pins"] for b in blocks), scan["total"]["pins"], "--memory-block: pins add up")
    one = pinscan("--memory-block", blocks[0]["block"])["memory_blocks"]
    equal(one, [blocks[0]], "--memory-block N: that one")

# Files: whole names, paths where there are some, and nothing that looks like another.
long_name = "n" * 248
with Sim("uring-memfd", "--pages", 3, "--name", long_name + "1"), \
        Sim("uring-memfd", "--pages", 5, "--name", long_name + "2"), \
        Sim("uring-memfd", "--pages", 7, "--name", "twin"), \
        Sim("uring-memfd", "--pages", 11, "--name", "twin", "--unmap"), \
        tempfile.TemporaryDirectory(dir="/dev/shm") as d:
    path = os.path.join(d, "a-file")
    with open(path, "w+b") as f:
        f.truncate(13 * 4096)
        memory = mmap.mmap(f.fileno(), 0)
    ring = pin(memory, 13 * 4096)
    ok(ring, "by file: a file on tmpfs is pinned")
    by_file = pinscan("--by", "file")["groups"]
    text = run("pinscan", "--by", "file").stdout
    runs = pinscan("--pfn", "0-fffffffff")["runs"]
    os.close(ring)
    st = os.stat(path)
    for name, pins in ((f"memfd:{long_name}1", {3}), (f"memfd:{long_name}2", {5}),
                       ("memfd:twin", {7, 11}), (path, {13})):
        found = [g for g in by_file if g["name"] == name]
        equal({g["pins"] for g in found}, pins, f"by file: {name[:20]}")
        equal(len({(g["dev"], g["inode"]) for g in found}), len(pins), f"by file: {name[:20]}: inodes")
        for g in found:
            twin = f" (dev {g['dev']} inode {g['inode']})" if len(pins) > 1 else ""
            ok(re.search(rf"(?m) {re.escape(name + twin)}(  .*)?$", text),
               f"by file, text: {name[:20]} is told from others")
            equal(sum(r["pins"] for r in runs if (r["file"], r["inode"]) == (name, g["inode"])),
                  g["pins"], f"--pfn: the runs of {name[:20]}")
    equal([(g["dev"], g["inode"]) for g in by_file if g["name"] == path],
          [(f"{os.major(st.st_dev)}:{os.minor(st.st_dev)}", st.st_ino)], "by file: the right inode")

# A name has one spelling, wherever it was read, and is one line.
with Sim("uring-memfd", "--pages", 19, "--name", "two\nlines\x01") as sim:
    scan = pinscan("--by", "file")
    spellings = {process(scan, sim["pid"])["what"]}
    spellings |= {g["name"] for g in scan["groups"] if g["pins"] == 19}
    spellings |= {r["file"] for r in pinscan("--pfn", "0-fffffffff")["runs"] if r["pid"] == sim["pid"]}
    spellings |= {v["name"] for v in pinscan("-p", sim["pid"])["processes"][0]["vmas"]}
    equal(spellings, {"memfd:two?lines?"}, "a name with a newline has one spelling")

# Shared memory: each that maps it is named, in its runs and in groups.
with Sim("uring-memfd", "--pages", 17, "--map-only", 4, "--name", "everyone") as sim:
    everyone = {sim["pid"], *sim["map_only"]}
    runs = [r for r in pinscan("--pfn", "0-fffffffff")["runs"] if r["file"] == "memfd:everyone"]
    ok(runs and all(set(r["pids"]) == everyone and r["pid"] in everyone for r in runs),
       "--pfn: all that map it")
    ok(all(re.fullmatch(r"pinsim\[\d+\], pinsim\[\d+\], pinsim\[\d+\], \+2 more", r["whose"])
           for r in runs), "--pfn: in words as well")
    group = next(g for g in pinscan("--by", "file")["groups"] if g["name"] == "memfd:everyone")
    ok(re.fullmatch(r"pinsim\[\d+\] 68.0K, pinsim\[\d+\] 68.0K, \+3 more", group["whose"]),
       "--by file: whose it is")

# A folio of 1 GiB holds all memory blocks that it covers; each says whose it is.
gigantic = gigantic_page()
if gigantic and size * 4096 < 1 << 30:
    memory, put_back = gigantic
    before = pinscan()["total"]["pins"]
    ring = pin(memory, 4096)
    mine = [r for r in pinscan("--pfn", "0-fffffffff")["runs"] if r["folio_bytes"] == 1 << 30]
    equal([(r["pid"], r["pins"]) for r in mine], [(os.getpid(), 1)], "1 GiB: one pin")
    first = int(mine[0]["pfn_first"], 16) // size
    blocks = [b for b in pinscan("--memory-block")["memory_blocks"] if first <= b["block"]
              < first + (1 << 18) // size]
    equal([b["held_by_pins"] for b in blocks], [True] * ((1 << 18) // size), "1 GiB: holds each block")
    equal([f"[{os.getpid()}]" in b["whose"] for b in blocks], [True] * len(blocks),
          "1 GiB: each block says whose it is")
    equal([f"begins in memory{first}" in b["whose"] for b in blocks],
          [False] + [True] * (len(blocks) - 1), "1 GiB: and where it begins")
    equal(sum(r["pinned_bytes"] for r in blocks), 1 << 30, "1 GiB: but once in the sum")
    text = run("pinscan", "--memory-block", first + 1).stdout
    ok(re.search(rf"memory{first + 1} +online .* 0 +0 +no, pinned +\S+\[{os.getpid()}\]: a folio of "
                 rf"1.0G that begins in memory{first}", text), "1 GiB: in the table as well")
    os.close(ring)
    ok(wait_for(lambda: in_flight() == before), "1 GiB: given back")
    del memory, gigantic
    gc.collect()
    put_back()
else:
    skip("1 GiB holds more than one memory block", "no huge page of 1 GiB, or the blocks are as large")

# Pins of one page inside a huge page: a range in its middle finds the folio.
with Sim("uring-thp", "--size", "2M") as sim:
    runs = pinscan("--pfn", "0-fffffffff")["runs"]
    head = next(int(r["pfn_first"], 16) for r in runs if r["pid"] == sim["pid"])
    inside = pinscan("--pfn", f"{head + 77:x}")["runs"]
    equal([r["pfn_first"] for r in inside], [f"0x{head:x}"], "--pfn inside a huge page: the folio")

# What is declared, beside what is pinned.
with Sim("uring-anon", "--pages", 1009) as sim:
    lines = pinscan("--memlock")["memlock"]
    mine = next(x for x in lines if x["pid"] == sim["pid"])
    status = dict(x.split(":", 1) for x in open(f"/proc/{sim['pid']}/status"))
    equal(mine["vm_pin_bytes"], int(status["VmPin"].split()[0]) * 1024, "--memlock: VmPin")
    equal(mine["vm_lck_bytes"], int(status["VmLck"].split()[0]) * 1024, "--memlock: VmLck")
    equal(mine["pinned_bytes"], 1009 * 4096, "--memlock: what is really pinned")
    with Sim("uring-anon", "--pages", 211, "--thread") as sim2:
        line = pinscan("--memlock", "-p", sim2["tgid"])["memlock"][0]
        equal([line[x] for x in ("vm_pin_bytes", "vm_lck_bytes", "verdict")], [211 * 4096, 0, ""],
              "--memlock: declared by a process whose main thread has exited")
    equal([x["pid"] for x in pinscan("--memlock", "-p", os.getpid())["memlock"]], [os.getpid()],
          "--memlock -p: a process without pins has a line, too")
    p = pinscan("-p", sim["pid"])
    equal([x["pid"] for x in p["processes"]], [sim["pid"]], "-p: only that process")
    equal(sum(v["pins"] for v in p["processes"][0]["vmas"]), 1009, "-p: its VMAs")
    v = p["processes"][0]["vmas"][0]
    ok(int(v["start"], 16) <= int(sim["address"], 16) < int(v["end"], 16), "-p: the VMA's address")
    equal({x["comm"] for x in pinscan("-c", "pinsim")["processes"]}, {"pinsim"}, "-c: by name")
    equal(pinscan("-c", "nosuch")["processes"], [], "-c: nobody of that name")
    equal(len(pinscan("--top", 1)["processes"]), 1, "--top 1")

done()
