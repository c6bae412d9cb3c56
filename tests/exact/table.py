#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""table.py [GUESTS]    renew the table in docs/exactness.md from the guests' last results

GUESTS is where they are left behind: build/guest.
"""

import os
import re
import sys

KERNELS = (("6.1", "6.1-exact"), ("6.1, ZONE_MOVABLE", "6.1-movable"), ("6.12", "6.12-exact"),
           ("6.12, kprobes", "6.12-kprobes"), ("6.12, VDUSE", "6.12-vduse"),
           ("newest", "newest-exact"), ("newest, VDUSE", "newest-vduse"),
           ("6.12 arm64", "arm64-6.12-exact"))
# What goes below the table, by the word that begins its lines.
OTHERS = (("mixed", "Everything at once, with SIGKILLs"), ("late", "Started late"),
          ("started in the middle", "Started again after kill -9, in the middle of it"),
          ("full", "A ledger that is too small"),
          ("crowd", "Owners that have exited"),
          ("storm", "Program runs missed on purpose"))
TOP = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..")
DOC = os.path.join(TOP, "docs", "exactness.md")
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def scenario(line):
    """Without what is only about where the test keeps its files."""
    words = re.sub(r" --(dir /mnt/ext4|file /dev/nullb0)", "", line).split()
    return " ".join(words)


def cell_of(expected, ledger, kernel, taken, released, kernel_taken, kernel_released):
    """Held pins, or pins that passed; and what the kernel counted on both sides inside calls."""
    if not expected == ledger == kernel and (expected or ledger):
        return f"pinsim {expected}, ledger {ledger}, kernel {kernel}"
    text = str(ledger) if expected else f"{taken} / {released}" if taken else "0"
    if kernel_taken != taken:
        text += f" (+{kernel_taken - taken})"
    if not expected and kernel_taken - taken != kernel_released - released:
        text += f" kernel {kernel_taken} / {kernel_released}"
    return text


def results(path):
    """What happened with each scenario: driver and cell; how many comparisons, and failures."""
    cells, failed, compared, others = {}, set(), 0, []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            line = line.rstrip()
            compared += bool(re.match(r"(not )?ok - ", line))
            m = re.match(r"# row: (.*?) \| (.*)", line)
            if m:
                driver, *numbers = m.group(2).split(" | ")
                cells[scenario(m.group(1))] = (driver, cell_of(*map(int, numbers)))
            m = re.match(r"not ok - (.*?):", line)
            if m:
                failed.add(scenario(m.group(1)))
            m = re.match(r"ok - (.*?)\s*# SKIP this kernel has none", line)
            if m:
                cells[scenario(m.group(1))] = ("", "-")
            others += [(word, line[len(word) + 4:]) for word, _ in OTHERS
                       if line.startswith(f"# {word}: ")]
    return {name: (driver, "**" + cell + "**" if name in failed else cell)
            for name, (driver, cell) in cells.items()}, compared, len(failed), others


def main():
    guests = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "build", "guest")
    columns, names, drivers = [], [], {}
    for title, folder in KERNELS:
        path = os.path.join(guests, folder, "results")
        if not os.path.exists(path):
            print(f"table.py: no results of {folder}", file=sys.stderr)
            continue
        columns.append((title, *results(path)))
        for name, (driver, _) in columns[-1][1].items():
            if name not in names:
                names.append(name)
            if driver:
                drivers[name] = driver
    if not columns:
        sys.exit(f"table.py: no results under {guests}: run make check-guest first")
    out = ["| scenario | driver | " + " | ".join(c[0] for c in columns) + " |",
           "|---|---|" + "---|" * len(columns)]
    for name in names:
        row = [c[1].get(name, ("", ""))[1] for c in columns]
        out.append(f"| {name} | {drivers.get(name, '')} | " + " | ".join(row) + " |")
    out += ["", "Results compared, and scenarios in which one failed:", ""]
    out += [f"- {title}: {compared}, {failed}" for title, _, compared, failed, _ in columns]
    for word, text in OTHERS:
        lines = [f"- {c[0]}: {line}" for c in columns for kind, line in c[4] if kind == word]
        if lines:
            out += ["", f"{text}:", ""] + lines
    with open(DOC, encoding="utf-8") as f:
        text = f.read()
    head, rest = text.split(BEGIN)
    with open(DOC, "w", encoding="utf-8") as f:
        f.write(head + BEGIN + "\n" + "\n".join(out) + "\n\n" + END + rest.split(END)[1])


main()
