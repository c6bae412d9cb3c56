# SPDX-License-Identifier: GPL-2.0
# needs: pinlab devices=iommu,disk,ext4 time=600
# needs: modules=rdma_rxe,ib_uverbs,vfio_iommu_type1,vfio-pci modules?=udmabuf
# The rule leak while the process lives: pins that are left when the file is closed that they were
# asked for through. Not where another file may be what they belong to.

# closed NAME TEXT COMMAND: a leak is found, TEXT being said of it.
closed()
{
	audited "$3"
	[ "$rc $(broken /tmp/audited)" = '3 leak ' ]
	ok $? "$1: found by leak alone (status $rc)" || explain_failure
	grep -m 1 '^{"type":"violation"' /tmp/audited | grep -qE "$2"
	ok $? "$1: $2" || explain_failure
	pinlab repair >/dev/null
}

# kept NAME COMMAND: no leak is found. What the others say is audit-right's; where interrupts hit the
# tool's own programs some calls may be missed, and it says so.
kept()
{
	pintrace --audit=leak --buffer 128M -j -o /tmp/audited -- sh -c "$2" \
		>/tmp/audited.out 2>/tmp/audited.err
	rc=$?
	[ $rc = 0 ] || { [ $rc = 4 ] && ! grep -v 'lost: \|known, and no' /tmp/audited.err; }
	ok $? "$1: no leak is found (status $rc)" || explain_failure
	is "$(broken /tmp/audited)" '' "$1: nor counted"
}

closed 'closed first' '13 pins are left [0-9.]+s after the file was closed' \
	'pinlab leak --close-first --hold & lab=$!; sleep 9; kill -TERM $lab; wait $lab'
closed 'on an error' '13 pins are left [0-9.]+s after the file was closed' \
	'pinlab leak-on-error --close-first --hold & lab=$!; sleep 9; kill -TERM $lab; wait $lab'
closed 'another file of the driver is open' \
	'13 pins are left [0-9.]+s after their process has exited' \
	'exec 9<>/dev/pinlab; pinlab leak --close-first --hold 9>&- & lab=$!
	sleep 9; kill -TERM $lab; wait $lab'
closed 'the other one is closed, too' '13 pins are left [0-9.]+s after the file was closed' \
	'exec 9<>/dev/pinlab; pinlab leak --close-first --hold 9>&- & lab=$!
	sleep 4; exec 9>&-; sleep 9; kill -TERM $lab; wait $lab'
pinleak --audit -- sh -c 'pinlab leak --close-first --hold & lab=$!
	sleep 9; kill -TERM $lab; wait $lab' >/tmp/text 2>/tmp/text.err
is "$? $(tail -n 1 /tmp/text)" '3 violations: leak 1' 'pinleak: how often'
grep -A 3 '^violation of leak: 13 pins are left [0-9.]*s after the file was closed' /tmp/text |
	grep -q '^        pinlab_leak+0x'
ok $? 'pinleak: where it was pinned' || note /tmp/text
pinlab repair >/dev/null

kept 'closed, and released by that' \
	'pinlab hold --close-first --hold & a=$!; pinlab range --close-first --hold & b=$!
	sleep 7; kill -TERM $a $b; wait $a && wait $b'
mount_disk ext4
ok $? 'a file system'
kept 'what lives on beside the file that was closed' '
	for sim in "udmabuf-memfd --unmap" "udmabuf-memfd --pass-ring" "uring-anon --pass-ring" \
		uring-memfd vfio-anon rdma-anon "dioread-anon --dir /mnt/ext4"; do
		{
			timeout 60 pinsim --quiet $sim --for 6 </dev/null >>/tmp/sims.out 2>&1
			echo "$sim: $?" >>/tmp/sims.done
		} &
	done
	wait'
is "$(grep -c . /tmp/sims.done) $(grep -vE ': (0|77)$' /tmp/sims.done)" '7 ' \
	"what lives on: $(grep -c ': 0$' /tmp/sims.done) of them are done"
