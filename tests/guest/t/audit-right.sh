# SPDX-License-Identifier: GPL-2.0
# needs: pinlab devices=iommu,disk,ext4,vfat time=1500
# needs: modules=rdma_rxe,ib_uverbs,rds,vhost_vsock,vfio_iommu_type1,vfio-pci
# needs: modules=fuse,orangefs,algif_hash modules-present=vivid modules?=udmabuf
# pintrace --audit: nothing is said of what is right, by pinlab or by drivers that pinsim knows.

# right NAME COMMAND: nothing is found. Where interrupts hit the tool's own programs some calls may
# be missed, and it says so.
right()
{
	local said='lost: .* program runs\|known, and no violation'
	audited "$2"
	case $rc in
	0) [ -z "$(broken /tmp/audited)" ] ;;
	4) [ -z "$(broken /tmp/audited)" ] && ! grep -v "$said" /tmp/audited.err ;;
	*) false ;;
	esac
	ok $? "$1: nothing is found (status $rc)" || explain_failure
}

# sims NAME: the same of all scenarios on standard input, one trace for all of them.
sims()
{
	local name=$1
	grep -v clone-vm >/tmp/sims
	: >/tmp/sims.done
	right "$name" 'while read -r sim; do
			timeout 60 pinsim --quiet $sim </dev/null >>/tmp/sims.out 2>&1
			echo "$sim: $?" >>/tmp/sims.done
		done </tmp/sims'
	is "$(grep -vE -e ': (0|77)$' -e '--abort: 137$' /tmp/sims.done)" '' \
		"$name: $(grep -c ': 0$' /tmp/sims.done) of $(grep -c . /tmp/sims) are done"
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

{
	scenarios '--for 0.3' uring pbufring nommap xdp udmabuf
	echo uring-anon --for 0.3 --times 3 --unmap
	echo uring-memfd --for 0.3 --share 2
	echo uring-anon --for 0.3 --fork 2
	echo uring-thp --for 0.3 --release exit
	echo xdp-anon --for 0.3 --pass-ring
	echo uring-anon --abort
} | sims uring
{
	scenarios '--for 0.3' rdma v4l2 vfio vhost orangefs
	scenarios '--for 0.3 --dir /mnt/ext4' rds fuseread
	echo rdma-anon --abort
} | sims devices
{
	scenarios '--for 0.3 --dir /mnt/ext4' pvmread pvmwrite dioread diowrite alg
	scenarios '--for 0.3 --dir /mnt/vfat' dioread diowrite
	echo "diowrite-thp --for 0.3 --file $(disk disk)"
} | sims files
