# SPDX-License-Identifier: GPL-2.0
# scenarios: v4l2 vfio kvm fuseread fusewrite orangefs
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
	echo vfio-anon --times 5
	echo vfio-anon --unmap
	echo vfio-thp --abort
	echo v4l2-anon --abort
	scenarios '--dir /mnt/ext4' fuseread fusewrite orangefs
} >/tmp/list
exact </tmp/list
