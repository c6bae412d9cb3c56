# SPDX-License-Identifier: GPL-2.0
# scenarios: dioread diowrite sgio sg nvme tape
# needs: devices=disk,nvme,ext4,vfat,share time=400
# needs: modules-present=scsi_debug,sg,st,loop,sd_mod,vfat,nls_cp437,nls_ascii
# Disks, tapes and legacy direct I/O (vfat, where the kernel's own counters drift).

mount_disk ext4
ok $? 'ext4 mounts' || return
mount_disk vfat
ok $? 'vfat mounts'
mount_share cache=none
ok $? 'a folder of the host mounts'
modprobe scsi_debug dev_size_mb=64
ok $? 'scsi_debug loads'
modprobe sd_mod
ok $? 'sd_mod loads'
modprobe sg
ok $? 'sg loads'
echo 1 >/sys/module/sg/parameters/allow_dio
modprobe loop
ok $? 'loop loads'
dd if=/dev/zero of=/mnt/ext4/image bs=1M count=16 2>/dev/null
losetup /dev/loop0 /mnt/ext4/image
ok $? 'a loop device'

{
	for dev in "$(disk disk)" "$(disk nvme)" /dev/sda /dev/loop0; do
		for kind in anon memfd hugetlb partial-thp; do
			echo dioread-$kind --file "$dev"
		done
		for kind in thp memfd-hugetlb file; do
			echo diowrite-$kind --file "$dev" --dir /mnt/ext4
		done
	done
	for kind in anon memfd hugetlb; do
		echo dioread-$kind --dir /mnt/share
	done
	for kind in thp partial-thp memfd-hugetlb; do
		echo diowrite-$kind --dir /mnt/share
	done
	scenarios '--dir /mnt/vfat' dioread diowrite
	scenarios '--dir /mnt/ext4' sgio sg nvme
} >/tmp/list
exact </tmp/list

rmmod sg sd_mod scsi_debug
modprobe scsi_debug ptype=1 && modprobe st
ok $? 'a SCSI tape'
scenarios '--dir /mnt/ext4' tape >/tmp/list
exact </tmp/list

# The kernel's own counters drift on vfat: pintop has to know by how much, and say why.
case $(uname -r) in
6.1.*) skip 'pintop explains the drift' 'direct I/O takes no pins before Linux 6.5' ;;
*)
	pintop -b -d 0.3 --source events >/tmp/drift 2>/tmp/drift.err &
	pintop=$!
	tries=300
	until [ -s /tmp/drift ] || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 0.2
	done
	pinsim --quiet dioread-anon --dir /mnt/vfat >/tmp/drift.sim
	is $? 0 'direct I/O on vfat while pintop runs'
	tries=100
	until grep -q 'pins were taken by folio_add_pin() (direct I/O' /tmp/drift || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 0.2
	done
	[ $tries -gt 0 ]
	ok $? 'pintop says why the kernel counts less'
	kill -TERM $pintop
	wait $pintop
	is $? 0 'which is no loss'
	# What stands there is the kernel's own count, wrong by what went before as well.
	tail -n 40 /tmp/drift | grep -qE '^In flight -[0-9]+ \(diff 0\)$'
	ok $? 'and no difference' || note /tmp/drift ;;
esac
