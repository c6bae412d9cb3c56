#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# What the tools load into the kernel: whichever way they take, it can do what this kernel allows,
# and no program makes the verifier warn of a bug of its own.

import ctypes
import errno
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

VMLINUX = "/sys/kernel/btf/vmlinux"
TEST_REG_INVARIANTS = 1 << 7        # BPF_F_TEST_REG_INVARIANTS, v6.8
UNKNOWN_OWNERS = "this kernel does not say which processes have pinned: looked at all"

bpf = ctypes.CDLL("libbpf.so.1")
for name, result, *args in (
        ("bpf_object__open", ctypes.c_void_p, ctypes.c_char_p),
        ("bpf_object__load", ctypes.c_int, ctypes.c_void_p),
        ("bpf_object__close", None, ctypes.c_void_p),
        ("bpf_object__next_program", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
        ("bpf_program__name", ctypes.c_char_p, ctypes.c_void_p),
        ("bpf_program__flags", ctypes.c_uint32, ctypes.c_void_p),
        ("bpf_program__set_flags", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint32),
        ("bpf_program__set_autoload", ctypes.c_int, ctypes.c_void_p, ctypes.c_bool),
        ("libbpf_set_print", ctypes.c_void_p, ctypes.c_void_p)):
    getattr(bpf, name).restype = result
    getattr(bpf, name).argtypes = args


def programs(obj):
    prog = bpf.bpf_object__next_program(obj, None)
    while prog:
        yield prog, bpf.bpf_program__name(prog).decode()
        prog = bpf.bpf_object__next_program(obj, prog)


def load(path, only=None, flags=0):
    """Loads the object's program @only. Returns an errno, and the names of all its programs."""
    obj = bpf.bpf_object__open(path.encode())
    names = []
    for prog, name in programs(obj):
        names.append(name)
        bpf.bpf_program__set_autoload(prog, name == only)
        bpf.bpf_program__set_flags(prog, bpf.bpf_program__flags(prog) | flags)
    err = bpf.bpf_object__load(obj) if only else 0
    bpf.bpf_object__close(obj)
    return -err, names


def no_bug(path, wanted):
    checked = []
    for name in load(path)[1]:
        if load(path, name)[0]:
            continue        # not on this kernel
        err = load(path, name, TEST_REG_INVARIANTS)[0]
        if err == errno.EINVAL and not checked:
            skip(path, "this kernel cannot be asked (BPF_F_TEST_REG_INVARIANTS)")
            return
        equal(err, 0, f"{name}: the verifier keeps its ranges in order")
        checked.append(name)
    ok(wanted in checked, f"{wanted} was among them")


# What a light skeleton made of the kernel is what libbpf makes of it, and what the kernel has.
light, full = pinscan(), pinscan("--btf", VMLINUX)
has_cast = any(line.split()[2] == "bpf_rdonly_cast" for line in open("/proc/kallsyms"))
equal(light["scan"]["read"], "cast" if has_cast else "bulk", "direct loads where the kernel has them")
equal(full["scan"]["read"], light["scan"]["read"], "--btf: the same way to read")
equal(full["notes"], light["notes"], "--btf: the same notes")

# It does not matter how often the kernel was asked who has pinned: pintop may open the scan twice.
p = run("pintop", "-j", "-n", "1")
notes = json.loads(p.stdout)["notes"]
equal(UNKNOWN_OWNERS in notes, UNKNOWN_OWNERS in light["notes"], "pintop knows who has pinned, too")

bpf.libbpf_set_print(None)
gen = os.path.join(os.path.dirname(os.path.realpath(BIN)), "gen")
no_bug(os.path.join(gen, "scanner.linked.o"), "scan_run")
no_bug(os.path.join(gen, "ledger.linked.o"), "ledger_owner")

done()
