#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""table.py [GUESTS]    renew the table in docs/exactness.md from the guests' last results

GUESTS is where they are left behind: build/guest.
"""

import os
import re
import sys

KERNELS = (("6.1", "6.1-exact"), ("6.12", "6.12-exact"), ("newest", "newest-exact"),
           ("6.12 arm64", "arm64-6.12-exact"), ("VDUSE's", "newest-vduse"))
TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
DOC = os.path.join(TOP, "docs", "exactness.md")
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def scenario(line):
    """Without what is only about where the test keeps its files."""
    words = re.sub(r" --(dir /mnt/ext4|file /dev/nullb0)", "", line).split()
    return " ".join(words)


def results(path):
    """What happened with each scenario: (cell, in which order)."""
    cells, failed = {}, set()
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            line = line.rstrip()
            m = re.match(r"# row: (.*?) \| (.*)", line)
            if m:
                driver, pins, ledger, kernel, taken, released, calls = m.group(2).split(" | ")
                cell = pins if pins != "0" or taken == "0" else f"{taken} / {released}"
                cells[scenario(m.group(1))] = (driver, cell)
            m = re.match(r"not ok - (.*?):", line)
            if m:
                failed.add(scenario(m.group(1)))
            m = re.match(r"ok - (.*?)\s*# SKIP", line)
            if m:
                cells[scenario(m.group(1))] = ("", "-")
    return {name: (driver, "**" + cell + "**" if name in failed else cell)
            for name, (driver, cell) in cells.items()}, len(failed)


def main():
    guests = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build", "guest")
    columns, names, drivers, mixed = [], [], {}, []
    for title, folder in KERNELS:
        path = os.path.join(guests, folder, "results")
        if not os.path.exists(path):
            continue
        cells, failures = results(path)
        columns.append((title, cells, failures))
        for name, (driver, _) in cells.items():
            if name not in names:
                names.append(name)
            if driver:
                drivers[name] = driver
        with open(path, encoding="utf-8", errors="replace") as f:
            mixed += [f"- {title}: {line[len('# mixed: '):].strip()}"
                      for line in f if line.startswith("# mixed: ")]
    if not columns:
        sys.exit(f"table.py: no results under {guests}: run make check-guest first")
    out = ["| scenario | driver | " + " | ".join(c[0] for c in columns) + " |",
           "|---|---|" + "---|" * len(columns)]
    for name in names:
        row = [c[1].get(name, ("", ""))[1] for c in columns]
        out.append(f"| {name} | {drivers.get(name, '')} | " + " | ".join(row) + " |")
    out += ["", f"Scenarios with a difference: {sum(c[2] for c in columns)}.", "",
            "Everything at once, with SIGKILLs:", ""] + mixed + [""]
    with open(DOC, encoding="utf-8") as f:
        text = f.read()
    head, rest = text.split(BEGIN)
    with open(DOC, "w", encoding="utf-8") as f:
        f.write(head + BEGIN + "\n" + "\n".join(out) + "\n" + END + rest.split(END)[1])


main()
