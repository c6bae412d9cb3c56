# SPDX-License-Identifier: GPL-2.0
# needs: pinlab devices=iommu,disk,ext4,vfat time=1500
# needs: modules=rdma_rxe,ib_uverbs,rdma_cm,rds,vhost_vsock,vfio_iommu_type1,vfio-pci
# needs: modules=fuse,orangefs,algif_hash modules-present=vivid,null_blk modules?=udmabuf
# pintrace --audit: nothing is said of what is right, by pinlab or by drivers that pinsim knows.

# A look at the pages comes after a second: what is held for longer has been looked at.
long='--for 2.5'

# right NAME COMMAND: nothing is found. Only where several do something at a time may interrupts and
# tasks that are put aside hit the tool's own programs, so that calls are missed, and it says so.
right()
{
	local said='lost: \|known, and no violation'
	audited "$2"
	case $rc-$1 in
	0-*) [ -z "$(broken /tmp/audited)" ] ;;
	4-pinlab) false ;;
	4-*) [ -z "$(broken /tmp/audited)" ] && ! grep -v "$said" /tmp/audited.err ;;
	*) false ;;
	esac
	ok $? "$1: nothing is found (status $rc)" || explain_failure
}

# lacking: the scenarios that could not be had, where the kernel has what they take.
lacking()
{
	sed -n 's/^\([^ :]*\).*: 77$/\1/p' /tmp/sims.done | while read -r sim; do
		set -f
		for pattern in $(absent); do
			# shellcheck disable=SC2254 # a pattern
			case $sim in
			$pattern) continue 2 ;;
			esac
		done
		echo "$sim"
	done
}

# sims NAME [DEVICE]: the same of all scenarios on standard input, one trace for all of them. Those of
# one device come one after the other, as all of them do where they are said to share DEVICE.
sims()
{
	local name=$1 one=${2-}
	grep -v clone-vm >/tmp/sims
	: >/tmp/sims.done
	: >/tmp/sims.out
	sed "s/^pingpong/rdma/; s/^vfioremap/vfio/; s/[- ].*//; ${one:+s/.*/$one/}" /tmp/sims | paste -d ' ' - /tmp/sims >/tmp/devices
	right "$name" '
		for device in $(cut -d " " -f 1 /tmp/devices | sort -u); do
			sed -n "s/^$device //p" /tmp/devices | while read -r sim; do
				timeout 60 pinsim --quiet --among-others $sim </dev/null >>/tmp/sims.out 2>&1
				echo "$sim: $?" >>/tmp/sims.done
			done &
		done
		wait'
	is "$(grep -vE -e ': (0|77)$' -e '--abort: 137$' /tmp/sims.done)$(lacking)" '' \
		"$name: $(grep -c ': 0$' /tmp/sims.done) of $(grep -c . /tmp/sims) are done" || note /tmp/sims.out
}

mount_disk ext4 && mount_disk vfat
ok $? 'file systems' || return
modprobe vivid n_devs=1 node_types=0x1
ok $? 'vivid loads'
right pinlab 'for op in hold fast remote range error "hold --locked --release close" short \
		"range --memory thp --pages 509" "hold --memory memfd --release exit" \
		"hold --memory file=/mnt/ext4/read --read" "short --memory file=/mnt/ext4/short" \
		"partial-undone --pages 13" folios; do
		pinlab $op >/dev/null || [ $? = 77 ] || exit 1
	done
	pinlab hold --hold >/dev/null & lab=$!
	pinlab fast --locked --hold >/dev/null & other=$!
	sleep 5
	kill -TERM $lab $other
	wait $lab && wait $other'

# As many at a time as there are kinds of devices.
huge=$(cat /proc/sys/vm/nr_hugepages)
echo $((huge + 96)) >/proc/sys/vm/nr_hugepages
# A disk that takes longer than a second for each request.
rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 irqmode=2 completion_nsec=1500000000 gb=1
ok $? 'null_blk loads'

{
	scenarios "$long" uring pbufring nommap xdp udmabuf zerocopy twice grow
	scenarios '' refused
	echo uring-anon --for 0.3 --times 3 --unmap
	echo uring-memfd $long --share 2
	echo uring-anon $long --fork 2
	echo uring-thp --for 0.3 --release exit
	echo xdp-anon $long --pass-ring
	echo uring-anon --abort
} | sims uring
{
	scenarios "$long --dir /mnt/ext4" rdma pingpong v4l2 vfio vhost rds fuseread fusewrite
	scenarios "$long --dir /mnt/ext4 --times 5" vfioremap
	scenarios '--for 0.3 --dir /mnt/ext4' orangefs
	echo rdma-anon --abort
} | sims devices
{
	scenarios '--dir /mnt/ext4' pvmread pvmwrite dioread diowrite alg
	scenarios '--dir /mnt/vfat' dioread diowrite
	echo "diowrite-thp --file $(disk disk)"
	scenarios '--for 0.3 --file /dev/nullb0 --dir /mnt/ext4' aioread aiowrite slow
} | sims files disk
echo $huge >/proc/sys/vm/nr_hugepages
rmmod null_blk

# A driver that is wrong: it keeps its buffer as long as its daemon runs (fs/orangefs/orangefs-bufmap.c).
audited 'pinsim --quiet orangefs-anon --for 4 >/dev/null 2>&1'
is "$rc $(broken /tmp/audited)" '3 hold-without-longterm ' 'orangefs: pins that are to last, without FOLL_LONGTERM' ||
	explain_failure
