# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How much runs at a time: source it.

# A guest has two processors, which wait for each other and for the clock most of the time, and up
# to 3 GiB: three guests keep two processors of this machine busy. Prints one at least.
parallel_guests()
{
	local cpus memory
	cpus=$(($(nproc) * 3 / 2))
	memory=$(awk '/^MemAvailable:/ { print int($2 / 1024 / 1024 / 3) }' /proc/meminfo)
	[ "$memory" -ge 1 ] || memory=1
	echo $((memory < cpus ? memory : cpus))
}
