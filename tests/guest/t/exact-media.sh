# SPDX-License-Identifier: GPL-2.0
# scenarios: v4l2 vfio vfioremap kvm fuseread fusewrite orangefs
# needs: devices=iommu,ext4 time=400
# needs: modules=vfio_iommu_type1,vfio-pci,fuse,orangefs modules-present=vivid,kvm-amd
# Cameras, passed-through devices, filesystems that answer from user space; virtual machines, which
# must show nothing.

mount_disk ext4
ok $? 'ext4 mounts' || return
modprobe vivid n_devs=1 node_types=0x1
ok $? 'vivid loads'
modprobe kvm-amd
ok $? 'kvm-amd loads'
{
	scenarios '' v4l2 vfio kvm
	scenarios '--release close' v4l2 vfio
	scenarios '--release exit' v4l2 vfio
	scenarios --abort v4l2 vfio
	scenarios '--times 5' vfioremap
	echo vfio-anon --times 5
	echo vfio-anon --unmap
	scenarios '--dir /mnt/ext4' fuseread fusewrite orangefs
	echo fuseread-anon --unmap
	echo fuseread-thp --abort
	echo fusewrite-anon --abort
	echo orangefs-anon --unmap
	scenarios '--dir /mnt/ext4 --release exit' orangefs
	scenarios '--dir /mnt/ext4 --abort' orangefs
} >/tmp/list
exact </tmp/list
