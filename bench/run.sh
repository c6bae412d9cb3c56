#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What it costs, side by side with what one would use instead, in one run. "make bench" calls it.
# Prints a table in markdown; the figures as JSON go to build/bench/result.json.

set -eu -o pipefail
cd "$(dirname "$0")/.."
BIN=build/bin
OUT=build/bench
MIB=${MIB:-4096}	# memory of each kind that is measured

if [ "$(id -u)" != 0 ]; then
	echo 'bench: reads kpageflags and loads BPF programs: run as root (sudo make bench)' >&2
	exit 1
fi
mkdir -p $OUT
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true' EXIT

$OUT/scanbench "$MIB" >$OUT/scan.json

# The whole tool: 500 processes, one of which has 1 GiB pinned.
for _ in $(seq 500); do
	sleep 1000 &
	pids+=($!)
done
coproc SIM { exec build/tests/pinsim uring-anon --size 1G -q; }
pids+=("$SIM_PID")
read -r _ <&"${SIM[0]}"
for _ in 1 2 3 4 5 6 7; do
	start=$(date +%s%N)
	$BIN/pinscan -j >$OUT/pinscan.json 2>/dev/null
	echo "$((($(date +%s%N) - start) / 1000)) $(grep -o '"scan_ns": [0-9]*' $OUT/pinscan.json | grep -o '[0-9]*$')"
done >$OUT/whole.txt
kill "${pids[@]}" 2>/dev/null || true
wait "${pids[@]}" 2>/dev/null || true
pids=()

# The live tool on an idle machine, at its default of one refresh a second.
start=$(date +%s%N)
$BIN/pintop -b -n 30 -d 1 --source scan 2>$OUT/pintop.err >/dev/null
echo "$((($(date +%s%N) - start) / 1000000))" >$OUT/pintop.ms

/usr/bin/python3 bench/table.py $OUT
printf '\nThe update of the ledger, without the stack and without what the kernel does itself:\n\n'
$OUT/ledgerbench | sed 's/^/    /'
printf '\nPairs of a pin call and its release through pintrace, made by one CPU and read by another:\n\n'
$OUT/tracebench
