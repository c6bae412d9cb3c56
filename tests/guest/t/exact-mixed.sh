# SPDX-License-Identifier: GPL-2.0
# needs: devices=ext4,iommu modules=algif_hash modules-present=null_blk time=600 mem=3072
# needs: modules?=vfio_iommu_type1,vfio-pci,orangefs,rdma_rxe,ib_uverbs,rds modules-present?=vivid
# Many processes that pin in all ways at once and are killed at random, the tool looking on; a ledger
# that is too small; very many owners; and program runs that are missed on purpose.
# On the kernel's command line may stand pins=N: so many of them at least; and owners=N.

mount_disk ext4
ok $? 'ext4 mounts' || return
if has_module vivid; then
	[ -e /dev/video0 ] || modprobe vivid n_devs=1 node_types=0x1
	ok $? 'vivid loads'
fi
if [ -n "$pins" ]; then
	echo 'mixed --pages 8191 --times 20 --dir /mnt/ext4' | exact --mixed --least "$pins"
else
	echo 'mixed --for 20 --dir /mnt/ext4' | exact --mixed
fi
[ -z "$owners" ] || echo "owners --procs $owners" | exact --crowd
echo 'uring-anon --pages 10007' | exact --full --entries 50

rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 irqmode=2 completion_nsec=100000 gb=1
ok $? 'null_blk loads' || return
# By kprobes there is nothing to miss on arm64: they run with interrupts off.
case $(uname -r)-$(uname -m) in
6.1.*) skip storm 'direct I/O takes no pins before Linux 6.5' ;;
6.12.*-x86_64)
	echo 'storm --file /dev/nullb0' | exact --storm
	echo 'storm --file /dev/nullb0' | exact --storm --kprobes ;;
*) echo 'storm --file /dev/nullb0' | exact --storm ;;
esac
rmmod null_blk
