# SPDX-License-Identifier: GPL-2.0
# needs: devices=iommu modules?=rdma_rxe,ib_uverbs,vfio_iommu_type1,vfio-pci,fuse,orangefs
# needs: modules-present?=vivid time=400
# A tool that is started when all is pinned already: it finds all pins, whose they are, and sees
# each release, by SIGKILL too.

# known MODULE LINE: a scenario that needs it, where the kernel has it.
known()
{
	! has_module "$1" || echo "$2"
}

if has_module vivid; then
	[ -e /dev/video0 ] || modprobe vivid n_devs=1 node_types=0x1
	ok $? 'vivid loads'
fi
{
	scenarios '' uring pbufring nommap xdp udmabuf
	echo uring-anon --unmap
	echo uring-memfd --share 2
	echo uring-anon --fork 2
} | grep -v -e clone-vm -e hugetlb >/tmp/list
{
	echo uring-hugetlb
	known rdma_rxe rdma-thp
	known rdma_rxe pingpong-anon
	known vfio-pci vfio-memfd
	known vivid v4l2-anon
	known orangefs orangefs-anon
	known fuse fuseread-anon
} >>/tmp/list
exact --late </tmp/list
