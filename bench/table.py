#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""table.py DIR: the table of what bench/run.sh measured, and DIR/result.json."""

import json
import os
import platform
import re
import statistics
import sys

d = sys.argv[1]


def path(name):
    return os.path.join(d, name)


def cpu_model():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


scan = json.load(open(path("scan.json")))
whole = [[int(x) for x in line.split()] for line in open(path("whole.txt"))]
total_ms = statistics.median(us for us, ns in whole) / 1e3
bare_ms = statistics.median(ns for us, ns in whole) / 1e6
cpu = re.search(r"cost: ([\d.]+) s of CPU", open(path("pintop.err")).read())
seconds = int(open(path("pintop.ms")).read()) / 1e3
load = float(cpu.group(1)) / seconds if cpu else None

result = {
    "schema": 1,
    "machine": {"cpu": cpu_model(), "cpus": os.cpu_count(), "kernel": platform.release(),
                "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")},
    "scan": scan,
    "pinscan": {"total_ms": total_ms, "bare_scan_ms": bare_ms, "rest_ms": total_ms - bare_ms},
    "pintop": {"share_of_a_core": load, "seconds": seconds},
}
json.dump(result, open(path("result.json"), "w"), indent=2)

m = result["machine"]
print(f"{m['cpu']}, {m['cpus']} CPUs, {m['memory_bytes'] >> 30} GiB, Linux {m['kernel']}\n")
print("| memory | page frames | folios in use | scan, ns/page | 2 threads | kpageflags | kpagecount "
      "| kpageflags / scan | longest run |")
print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
for r in scan:
    print(f"| {r['memory']} | {r['pages']} | {r['folios']} | {r['scan_ns_per_page']:.2f} | "
          f"{r['scan_2_threads_ns_per_page']:.2f} | {r['kpageflags_ns_per_page']:.1f} | "
          f"{r['kpagecount_ns_per_page']:.1f} | **{r['kpageflags_over_scan']:.1f}** | "
          f"{r['longest_run_us']:.0f} us |")
print(f"\npinscan, 500 processes, one with 1 GiB pinned: {total_ms:.0f} ms, of which the bare scan "
      f"{bare_ms:.0f} ms: {total_ms - bare_ms:.0f} ms more than that")
if load is not None:
    print(f"pintop at 1 s on an idle machine: {load * 100:.2f} % of a core over {seconds:.0f} s")
print(f"\nThe same as JSON: {path('result.json')}")
