# SPDX-License-Identifier: GPL-2.0
# needs: devices=disk,nvme,ext4,vfat,iommu,share mem=2560 word=rig.word=a=b
# needs: modules-present=null_blk modules?=vduse modules-present?=no_such_module
# What a test asks for is there.

for name in disk nvme; do
	dev=$(disk $name)
	ok $? "$name: a device" || continue
	is "$(cat "/sys/block/${dev##*/}/size")" 2097152 "$name: of 1 GiB"
	is "$(head -c 1048576 "$dev" | tr -d '\0' | wc -c)" 0 "$name: empty"
	echo written >"$dev" && sync && is "$(head -c 7 "$dev")" written "$name: can be written"
done
is "$(disk nvme | cut -c1-9)" /dev/nvme 'nvme: is one'

for name in ext4 vfat; do
	mount_disk $name
	ok $? "$name: mounts" || continue
	is "$(awk -v at="/mnt/$name" '$2 == at { print $3 }' /proc/mounts)" $name "$name: of that type"
	head -c 1000003 /dev/urandom >/mnt/$name/file && sync && echo 3 >/proc/sys/vm/drop_caches
	is "$(wc -c </mnt/$name/file)" 1000003 "$name: holds a file"
	umount /mnt/$name
done

mount_share
ok $? 'share: mounts'
is "$(cat /mnt/share/from-host)" 'from the host' "share: has the host's file"
echo 'from the guest' >/mnt/share/from-guest
ok $? 'share: takes a file'

edu=$(pci_device 0x1234 0x11e8)
ok $? 'iommu: a PCI device without a driver'
group=$(to_vfio "$edu")
ok $? 'iommu: vfio-pci takes it'
ok "$([ -c "${group:-none}" ]; echo $?)" "iommu: its group has a file ($group)"

modprobe null_blk nr_devices=3 gb=1
ok $? 'a module that is present loads with parameters'
is "$(cat /sys/block/nullb2/size)" 2097152 'which it heeds'
! has_module no_such_module
ok $? 'a module that no kernel has is known to be missing'
if has_module vduse; then
	ok "$([ -d /sys/module/vduse ]; echo $?)" 'vduse is loaded, where the kernel has it'
else
	skip vduse 'the kernel has none'
fi
ok "$(grep -q ' rig.word=a=b' /proc/cmdline; echo $?)" "a word on the kernel's command line"
ok "$([ "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)" -gt 2200000 ]; echo $?)" 'as much memory as it needs'
