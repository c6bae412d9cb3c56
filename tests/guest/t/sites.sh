# SPDX-License-Identifier: GPL-2.0
# needs: devices=disk,ext4 modules-present=null_blk,loop time=400
# Every place where the kernel pins that needs no more than a disk, with each kind of memory.

# shellcheck source=/dev/null
. /lib/sites.sh
sites_start || return
mount_disk ext4
ok $? 'a filesystem' || return
# A disk that takes a second for each request, in which its pins can be looked at.
modprobe null_blk nr_devices=1 gb=1 irqmode=2 completion_nsec=2000000000
ok $? 'a slow disk' || return

all_held pbufring
all_held xdp
held xdp-anon --times 7
held xdp-memfd --share 2
held xdp-anon --unmap
held xdp-anon --pass-ring
for name in uring-thp pbufring-anon xdp-memfd; do
	left_behind 0 $name --release exit
	left_behind 0 $name --release close
	left_behind 137 $name --abort
done
case $(uname -r) in
6.1.*)
	skip nommap 'comes with 6.5'
	skip udmabuf 'is not built into the 6.1 of Debian' ;;
*)
	all_held nommap
	all_held udmabuf
	held udmabuf-memfd --times 3
	left_behind 0 udmabuf-memfd --release exit
	held udmabuf-memfd --pass-ring ;;
esac

all_fast pvmread --dir /mnt/ext4 --times 7
all_fast pvmwrite --dir /mnt/ext4 --times 7
all_fast dioread --dir /mnt/ext4
all_fast diowrite --dir /mnt/ext4
fast dioread --file "$(disk disk)"
fast diowrite --file "$(disk disk)"
dd if=/dev/zero of=/mnt/ext4/image bs=1M count=8 2>/dev/null
modprobe loop && losetup /dev/loop0 /mnt/ext4/image
ok $? 'a loop device' && fast dioread --file /dev/loop0 && fast diowrite-memfd --file /dev/loop0
for kind in anon thp memfd; do
	held aioread-$kind --file /dev/nullb0
	held aiowrite-$kind --file /dev/nullb0
done
left_behind 137 aioread-anon --file /dev/nullb0 --abort
nothing_left sites
losetup -d /dev/loop0
umount /mnt/ext4
rmmod null_blk
