# SPDX-License-Identifier: GPL-2.0
# needs: modules-present=null_blk word=cma=1024M word=movablecore=0 alone
# Memory of the contiguous memory allocator that is pinned for a moment, which a driver's allocation
# there would have to wait for. Long-term pins are never there: they move out first.

if ! grep -q ' cma=' /proc/cmdline; then
	skip 'pins in CMA memory' 'the guest was not booted with cma='
	return
fi
is "$(awk '/^CmaTotal:/ { print $2 }' /proc/meminfo)" 1048576 'CMA has its gigabyte' || return
rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 gb=1 irqmode=2 completion_nsec=4000000000
ok $? 'a slow disk' || return

# As long as more than half of what is free is CMA's, movable memory comes from there (mm/page_alloc.c);
# but first come the pages that each CPU had put aside before.
for cpu in 0 1; do
	taskset -c $cpu head -c 67108864 /dev/zero >/dev/shm/fill.$cpu
done
pin sim slow-anon --pages 31 --file /dev/nullb0
ok $? 'pinsim pins for a moment' || return
scan scan
is "$(get scan total.pins)" "$(get sim expected_pins)" 'total.pins'
pinscan -j --pfn 0-fffffffff >/tmp/pfn.json && flat pfn

# The kernel's own word on where its CMA lies, against what each run of page frames is said to be.
start=$(dmesg | sed -n 's/.*cma: Reserved 1024 MiB at 0x\([0-9a-f]*\).*/\1/p' | head -n 1)
ok "$([ -n "$start" ]; echo $?)" "the kernel says where CMA lies: 0x$start" || return
start=$((0x$start / 4096))
inside=0 wrong=0 n=0
while first=$(get pfn "runs.$n.pfn_first") && [ -n "$first" ]; do
	last=$(get pfn "runs.$n.pfn_last")
	block=$(get pfn "runs.$n.block")
	if [ $((first)) -ge $start ] && [ $((last)) -lt $((start + 262144)) ]; then
		inside=$((inside + last - first + 1))
		[ "$block" = cma ] || wrong=$((wrong + 1))
	else
		[ "$block" != cma ] || wrong=$((wrong + 1))
	fi
	n=$((n + 1))
done
echo "# $inside of $(get sim pages) pages lie in CMA"
ok "$([ $inside -gt 0 ]; echo $?)" 'some of it lies in CMA'
is $wrong 0 '--pfn names the pageblocks of all of it'
is "$(get scan total.cma_bytes)" $((inside * 4096)) 'total.cma_bytes'
is "$(of_process scan "$(get sim pid)" cma_bytes)" $((inside * 4096)) "and those of its process"
unpin sim
rm /dev/shm/fill.*

pin sim uring-anon
ok $? 'pinsim pins for long' || return
scan scan
is "$(get scan total.pins)" "$(get sim expected_pins)" 'for long: total.pins'
is "$(get scan total.cma_bytes)" 0 'for long: none of it lies in CMA pageblocks'
unpin sim
rmmod null_blk
