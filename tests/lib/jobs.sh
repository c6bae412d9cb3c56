# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How much runs at a time: source it.

# A guest has two processors, which mostly wait for each other, and up to 3 GiB: as many guests as
# processors keep this machine busy. Prints one at least.
parallel_guests()
{
	local cpus memory
	cpus=$(nproc)
	memory=$(awk '/^MemAvailable:/ { print int($2 / 1024 / 1024 / 3) }' /proc/meminfo)
	[ "$memory" -ge 1 ] || memory=1
	echo $((memory < cpus ? memory : cpus))
}
