#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Memory that KSM has merged: the kernel makes it the process's own before it pins it, so that the kind
# "ksm" is only seen where a page has as many references for another reason, and looks pinned.

import ctypes
import fcntl
import mmap
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

KSM = "/sys/kernel/mm/ksm/"
PAGES, REFERENCES = 61, 1531
MADV_MERGEABLE, MADV_NOHUGEPAGE, F_SETPIPE_SZ = 12, 15, 1031
LIBC = ctypes.CDLL(None, use_errno=True)


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


class Running:
    """KSM runs, and faster than usual: it looks at all memory that may be merged, twice."""

    def __enter__(self):
        self.before = {}
        for name, value in (("pages_to_scan", 50000), ("run", 1)):
            with open(KSM + name) as f:
                self.before[name] = f.read()
            with open(KSM + name, "w") as f:
                f.write(str(value))
        return self

    def __exit__(self, *unused):
        for name, value in self.before.items():
            with open(KSM + name, "w") as f:
                f.write(value)


def merging():
    with open("/proc/self/ksm_merging_pages") as f:
        return int(f.read())


def refer(address):
    """So many references of pipes to the page at @address; the pipes."""
    pipes, left = [], REFERENCES
    while left:
        pipes.append(os.pipe())
        room = fcntl.fcntl(pipes[-1][1], F_SETPIPE_SZ, 1 << 20) // 4096
        for _ in range(min(room, left)):
            page = Iovec(address, 4096)
            if LIBC.vmsplice(pipes[-1][1], ctypes.byref(page), 1, 0) != 4096:
                raise OSError(ctypes.get_errno(), "vmsplice")
            left -= 1
    return pipes


def mine():
    scan = pinscan()
    return scan, next((p for p in scan["processes"] if p["pid"] == os.getpid()), None)


def merged_memory():
    before = in_flight()
    memory = mmap.mmap(-1, PAGES * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    memory.madvise(MADV_NOHUGEPAGE)
    memory[:] = os.urandom(4096) * PAGES
    memory.madvise(MADV_MERGEABLE)
    if not wait_for(lambda: merging() >= PAGES - 1, 60):
        skip("memory merged by KSM", "nothing was merged in a minute")
        return

    pipes = refer(address)
    scan, p = mine()
    equal(p and (p["pins"], p["kind_bytes"]), (REFERENCES // 1024, {"ksm": 4096}),
          "a merged page with many references: looks pinned, by its kind")
    ok("1024 other references, which look pinned" in (scan["kernel"]["difference"] or ""),
       "a merged page with many references: the kernel counts no pin, and why is said")
    for ends in pipes:
        for fd in ends:
            os.close(fd)

    ring = LIBC.syscall(425, 1, ctypes.create_string_buffer(120))
    buffer = Iovec(address, PAGES * 4096)
    equal(LIBC.syscall(427, ring, 0, ctypes.byref(buffer), 1), 0, "merged memory is pinned")
    scan, p = mine()
    equal(p and (p["pins"], p["kind_bytes"]), (PAGES, {"anon": PAGES * 4096}),
          "merged memory that is pinned: is the process's own by then")
    equal(scan["total"]["pins"], before + PAGES, "merged memory that is pinned: the total")
    os.close(ring)
    ok(wait_for(lambda: in_flight() == before), "merged memory that is pinned: given back")


if not os.path.exists("/proc/self/ksm_merging_pages") or not os.access(KSM + "run", os.W_OK):
    skip("memory merged by KSM", "no KSM, or not to be started")
else:
    with Running():
        merged_memory()

done()
