# SPDX-License-Identifier: GPL-2.0
# scenarios: vduse
# needs: modules=virtio_blk modules?=virtio_vdpa,vduse alone
# The memory of a virtio device in user space. Debian's 6.1 has none.

has_module vduse || { skip vduse 'the kernel has none'; return 0; }
{
	scenarios '' vduse
	echo vduse-memfd --unmap
} | exact
