#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
# Where memory is: the same pins are found when /proc/iomem hides that or does not say it, and
# pinscan says that it had to go another way. Where there is no memory after all, it is stepped over.

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "lib"))
from taplib import *  # noqa: E402,F403

SPANS = ": scanned the spans of /proc/zoneinfo, which have holes"


def blocks_online():
    """Bytes of the memory blocks that are online."""
    top = "/sys/devices/system/memory/"
    with open(top + "block_size_bytes") as f:
        size = int(f.read(), 16)
    return size * sum(open(f"{top}{name}/state").read() == "online\n" for name in os.listdir(top)
                      if re.fullmatch(r"memory\d+", name))


def with_iomem(text, *args, blocks=True):
    """pinscan's answer where /proc/iomem has @text, and where the kernel has no memory @blocks."""
    with tempfile.NamedTemporaryFile("w") as iomem:
        iomem.write(text)
        iomem.flush()
        p = subprocess.run(["unshare", "-m", "sh", "-c",
                            'mount --bind "$0" /proc/iomem && ' +
                            ("" if blocks else "mount -t tmpfs none /sys/devices/system/memory && ") +
                            'exec "$@"', iomem.name,
                            os.path.join(BIN, "pinscan"), "-j", *args],
                           capture_output=True, text=True, timeout=120)
    if p.returncode:
        raise RuntimeError(f"pinscan where /proc/iomem is another: {p.stderr}")
    return json.loads(p.stdout)


iomem = open("/proc/iomem").read()
zeroed = re.sub(r"[0-9a-f]+-[0-9a-f]+ :", "00000000-00000000 :", iomem)
with Sim("uring-anon", "--pages", 1013) as sim:
    plain = pinscan()
    ok(not any("/proc/iomem" in note for note in plain["notes"]), "nothing to say of /proc/iomem")
    for name, text, why in (("hidden", zeroed, "/proc/iomem hides addresses"),
                            ("empty", "", "/proc/iomem does not say where memory is"),
                            ("no RAM in it", "00000000-00000fff : Reserved\n",
                             "/proc/iomem does not say where memory is")):
        for mode in ((), ("--read", "bulk"), ("--read", "page"), ("-t", "2")):
            scan = with_iomem(text, *mode)
            how = f"{name} {' '.join(mode)}"
            ok(why + SPANS in scan["notes"], f"{how}: the fallback is said, and why")
            equal(scan["total"]["pins"], sim.before + 1013, f"{how}: all pins are found")
            equal(scan["kernel"]["difference"], None, f"{how}: as many as the kernel counts")
            equal(scan["mapped"], plain["mapped"], f"{how}: and whose they are")
            size = scan["scan"]["range_bytes"]
            ok(plain["scan"]["range_bytes"] <= size <= blocks_online(),
               f"{how}: nothing beyond the blocks that are online")

    # A hole of a GiB, and one that neither begins nor ends with a page of struct pages.
    last = max(int(end, 16) for end in re.findall(r"-([0-9a-f]+) : System RAM", iomem))
    first = (last // (128 << 20) + 9) * (128 << 20)
    for name, start, pages in (("a hole", first, 1 << 18), ("an odd hole", first + 3 * 4096, 601)):
        text = f"{iomem}{start:x}-{start + pages * 4096 - 1:x} : System RAM\n"
        for mode in ("cast", "bulk", "page"):
            scan = with_iomem(text, "--read", mode, blocks=False)
            how = f"{name}, --read {mode}"
            equal(scan["scan"]["unreadable_pages"], pages, f"{how}: is counted, each page frame")
            ok(f"{pages} page frames of the scanned range have no struct page" in scan["notes"],
               f"{how}: is said")
            equal(scan["mapped"], plain["mapped"], f"{how}: the pins are found")

done()
