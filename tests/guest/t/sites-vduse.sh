# SPDX-License-Identifier: GPL-2.0
# needs: modules=virtio_blk modules?=virtio_vdpa,vduse
# The memory of a virtio device in user space. Debian's 6.1 has none.

# shellcheck source=/dev/null
. /lib/sites.sh
has_module vduse || { skip vduse 'the kernel has none'; return 0; }
sites_start || return
all_held vduse
held vduse-anon --times 3
held vduse-memfd --unmap
nothing_left vduse
