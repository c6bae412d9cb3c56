# SPDX-License-Identifier: GPL-2.0
# needs: devices=ext4 time=600
# needs: modules-present=null_blk,loop modules-present?=udmabuf
# What needs no device of its own: the ledger, the kernel and the scan say the same, to the page.

mount_disk ext4
ok $? 'ext4 mounts' || return

for kind in anon thp partial-thp memfd hugetlb memfd-hugetlb mthp; do
	echo uring-$kind
	echo uring-$kind --unmap
	echo uring-$kind --release close
	echo uring-$kind --release exit
done >/tmp/list
cat >>/tmp/list <<'END'
uring-anon --fork 2
uring-anon --thread
uring-memfd --share 2
uring-memfd --map-only 3
uring-clone-vm
END
for what in pbufring nommap pvmread pvmwrite xdp udmabuf; do
	pinsim --list | awk -v what="$what-" 'index($1, what) == 1 { print $1 }'
done | sed 's/.*-file/& --dir \/mnt\/ext4/' >>/tmp/list
for what in dioread diowrite; do
	pinsim --list | awk -v what="$what-" 'index($1, what) == 1 { print $1, "--dir /mnt/ext4" }'
done >>/tmp/list
# A disk that takes a second for each request: pins of direct I/O are held for so long.
modprobe null_blk nr_devices=1 irqmode=2 completion_nsec=1000000000 gb=1
ok $? 'null_blk loads'
for what in aioread aiowrite; do
	pinsim --list | awk -v what="$what-" '
		index($1, what) == 1 { print $1, "--file /dev/nullb0 --dir /mnt/ext4" }'
done >>/tmp/list
exact </tmp/list
