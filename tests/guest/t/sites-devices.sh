# SPDX-License-Identifier: GPL-2.0
# needs: modules=sd_mod,sg,vivid,rdma_rxe,ib_uverbs,algif_hash,rds,vhost_vsock,fuse,orangefs
# needs: modules-present?=scsi_debug modules-present=st
# needs: modules?=kvm_amd,crc32_generic,crc32c_generic
# needs: devices=ext4,nvme,iommu,share time=400
# needs: word=vivid.n_devs=1 word=vivid.node_types=0x1 word=scsi_debug.dev_size_mb=64
# Every place where the kernel pins that needs a device or a module, with each kind of memory; and
# what holds memory without a pin.

# shellcheck source=/dev/null
. /lib/sites.sh
sites_start || return
mount_disk ext4
ok $? 'a filesystem' || return

all_held rdma
held rdma-anon --times 5
held rdma-anon --release close
if pinsim --quiet pingpong-anon --hold 0 2>&1 | grep -q 'without libibverbs'; then
	skip pingpong 'pinsim is built without libibverbs'
else
	all_held pingpong
fi
all_held vfio
held vfio-anon --times 5
held vfio-anon --release close
held vfio-anon --unmap
all_held v4l2
held v4l2-anon --release close
all_held orangefs --dir /mnt/ext4
all_held fuseread --dir /mnt/ext4
all_held fusewrite --dir /mnt/ext4
held fusewrite-anon --times 5
for name in rdma-memfd vfio-thp v4l2-anon orangefs-anon fuseread-anon; do
	left_behind 137 $name --abort
done
for name in rdma-anon vfio-anon v4l2-memfd; do
	left_behind 0 $name --release exit
done
nothing_left 'devices, held'

all_held vmsplice
all_held zerocopy
if has_module kvm_amd; then
	all_held kvm
else
	skip kvm 'is for x86'
fi

for name in alg nvme rds vhost; do
	all_fast $name --dir /mnt/ext4
done
fast dioread --file "$(disk nvme)"
fast diowrite-thp --file "$(disk nvme)"

if has_module scsi_debug; then
	modprobe scsi_debug
	ok $? 'a SCSI disk'
	all_fast sgio --dir /mnt/ext4
	all_fast sg --dir /mnt/ext4
	fast dioread-anon --file /dev/sda
	rmmod scsi_debug
	modprobe scsi_debug ptype=1 && modprobe st && sleep 1
	ok $? 'a SCSI tape'
	all_fast tape --dir /mnt/ext4
else
	skip scsi 'the kernel has no scsi_debug'
fi

mount_share cache=none
ok $? 'a folder of the host'
fast dioread --dir /mnt/share
fast diowrite-thp --dir /mnt/share
nothing_left 'devices, fast'
umount /mnt/share
umount /mnt/ext4
