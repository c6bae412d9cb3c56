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
		echo dioread-anon --file "$dev"
		echo diowrite-thp --file "$dev"
	done
	echo dioread-anon --dir /mnt/share
	echo diowrite-thp --dir /mnt/share
	scenarios '--dir /mnt/vfat' dioread diowrite
	scenarios '--dir /mnt/ext4' sgio sg nvme
} >/tmp/list
exact </tmp/list

rmmod sg sd_mod scsi_debug
modprobe scsi_debug ptype=1 && modprobe st
ok $? 'a SCSI tape'
scenarios '--dir /mnt/ext4' tape >/tmp/list
exact </tmp/list
