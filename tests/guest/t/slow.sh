# SPDX-License-Identifier: GPL-2.0
# needs: modules-present=null_blk devices=ext4
# Memory that is pinned for moments only: held by a disk that takes four seconds for each write.
# The zero page is handed out without a pin; the huge zero folio is no memory of anybody's, and no driver's either: it has a name of its own.

rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 gb=1 irqmode=2 completion_nsec=4000000000
ok $? 'a slow disk' || return
mount_disk ext4
ok $? 'a disk with files' || return

# slow SCENARIO: pins, and what pinscan finds is that.
slow()
{
	pin sim "$1" --pages 31 --file /dev/nullb0 --dir /mnt/ext4
	ok $? "$1: pinsim pins" || return
	echo "# $1: $(get sim expected_pins) pins of $(get sim pages) pages, $(get sim expected_bytes) bytes"
	scan scan || return
	is "$(get sim observed_pins)" "$(get sim expected_pins)" "$1: the kernel counts what is expected"
	is "$(get scan kernel.in_flight)" "$(get sim expected_pins)" "$1: they are still held"
	is "$(get scan total.pins)" "$(get sim expected_pins)" "$1: total.pins"
	is "$(get scan total.pinned_bytes)" "$(get sim expected_bytes)" "$1: total.pinned_bytes"
	[ "$(get sim expected_pins)" = 0 ] ||
		is "$(of_process scan "$(get sim pid)" pins)" "$(get sim expected_pins)" \
			"$1: pins of its process"
}

scan before || return
is "$(get before total.pins)" 0 'before: nothing is pinned'
case $(uname -r) in
6.1.*)
	skip 'O_DIRECT pins' 'it takes no pins before Linux 6.5'
	return ;;
esac

slow slow-anon && is "$(get scan total.kind_bytes.anon)" 126976 'slow-anon: its kind'
unpin sim
slow slow-file && is "$(get scan total.kind_bytes.file)" "$(get sim expected_bytes)" 'slow-file: its kind'
unpin sim
slow slow-zero && is "$(get scan refcount_bias.pins)" 0 'slow-zero: no bias either'
unpin sim
slow slow-huge-zero && {
	is "$(get scan total.kind_bytes.huge_zero)" 2097152 'slow-huge-zero: its kind'
	is "$(get scan total.kind_bytes.driver)" '' 'slow-huge-zero: it is no driver'
}
unpin sim

# series REGEX LINE: waits until the repeated scan has it in its lines from LINE on.
series()
{
	local try=0
	until tail -n "+$2" /tmp/series | grep -q "$1"; do
		[ $((try += 1)) -le 40 ] || return
		sleep 0.1
	done
}

# With huge pages switched off no one can say where it lies. Switched on, the same pinscan can.
huge=/sys/kernel/mm/transparent_hugepage/enabled
pinscan -j -w 0.3 >/tmp/series 2>/dev/null &
scanning=$!
series '"total":{"pins":0,' 1
pin sim slow-huge-zero --pages 31 --file /dev/nullb0 && {
	echo never >$huge
	series '"kind_bytes":{"driver":2097152}' 1
	ok $? 'slow-huge-zero: a driver has it, as far as one can tell'
}
unpin sim
echo madvise >$huge
from=$(wc -l </tmp/series)
pin sim slow-huge-zero --pages 31 --file /dev/nullb0 &&
	series '"kind_bytes":{"huge_zero":2097152}' $((from + 1))
ok $? 'slow-huge-zero: its name is found later'
unpin sim
kill $scanning
wait $scanning
scan after && is "$(get after total.pins)" 0 'after: nothing is pinned'
rmmod null_blk
