# SPDX-License-Identifier: GPL-2.0
# scenarios: uring refused xdp pbufring nommap udmabuf alg pvmread pvmwrite dioread diowrite aioread aiowrite vmsplice zerocopy
# needs: devices=ext4 time=600
# needs: modules=algif_hash modules-present=null_blk
# What needs no device of its own: the ledger, the kernel and the scan say the same, to the page.

mount_disk ext4
ok $? 'ext4 mounts' || return
# A disk that takes four seconds for each request: pins of direct I/O are held for so long.
modprobe null_blk nr_devices=1 irqmode=2 completion_nsec=4000000000 gb=1
ok $? 'null_blk loads'

{
	scenarios '' uring
	scenarios --unmap uring
	scenarios '--release close' uring pbufring
	scenarios '--release exit' uring pbufring nommap xdp udmabuf
	scenarios --abort uring pbufring nommap xdp udmabuf
	echo xdp-anon --pass-ring
	echo udmabuf-memfd --pass-ring
	echo uring-anon --fork 2
	echo uring-anon --thread
	echo uring-memfd --share 2
	echo uring-memfd --map-only 3
	scenarios '' pbufring nommap xdp udmabuf refused
	scenarios '--dir /mnt/ext4' alg pvmread pvmwrite dioread diowrite
	for kind in anon hugetlb partial-thp; do
		echo aioread-$kind --file /dev/nullb0
	done
	for kind in thp memfd memfd-hugetlb file; do
		echo aiowrite-$kind --file /dev/nullb0 --dir /mnt/ext4
	done
	echo aioread-memfd --file /dev/nullb0 --unmap
	echo aiowrite-anon --file /dev/nullb0 --abort
	scenarios '' vmsplice zerocopy
} | grep -v 'clone-vm .' >/tmp/list
exact </tmp/list
