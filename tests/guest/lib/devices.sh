# SPDX-License-Identifier: GPL-2.0
# The devices and modules that a test asked for.

# has_module NAME: whether the kernel has what the test called modules?= or modules-present?=.
has_module()
{
	! grep -qx "lacks $1" "/plan/$test"
}

# disk NAME: prints the path of the device (disk, nvme, ext4, vfat), once it is there.
disk()
{
	local try serial
	for try in 1 2 3 4 5 6 7 8 9 10; do
		for serial in /sys/block/*/serial /sys/block/*/device/serial; do
			[ "$(tr -d ' ' <"$serial" 2>/dev/null)" = "$1" ] || continue
			serial=${serial%/serial}
			serial=${serial%/device}
			echo "/dev/${serial##*/}"
			return
		done
		sleep 0.5
	done
	return 1
}

# mount_disk NAME: ext4 or vfat, on /mnt/NAME; another test may have done so already.
mount_disk()
{
	! grep -q " /mnt/$1 " /proc/mounts || return 0
	mkdir -p "/mnt/$1" && mount -t "$1" "$(disk "$1")" "/mnt/$1"
}

# mount_share [OPTIONS]: the folder of the host, on /mnt/share.
mount_share()
{
	! grep -q ' /mnt/share ' /proc/mounts || return 0
	mkdir -p /mnt/share && mount -t 9p -o "trans=virtio,version=9p2000.L${1:+,$1}" share /mnt/share
}

# pci_device VENDOR DEVICE: prints the address of the first of them; edu is 0x1234 0x11e8.
pci_device()
{
	local dir
	for dir in /sys/bus/pci/devices/*; do
		[ "$(cat "$dir/vendor") $(cat "$dir/device")" = "$1 $2" ] || continue
		echo "${dir##*/}"
		return
	done
	return 1
}

# to_vfio ADDRESS: gives a PCI device to vfio-pci; prints its group's file.
to_vfio()
{
	local dev=/sys/bus/pci/devices/$1
	echo vfio-pci >"$dev/driver_override" && echo "$1" >/sys/bus/pci/drivers_probe || return
	dev=$(readlink "$dev/iommu_group") && [ -c "/dev/vfio/${dev##*/}" ] && echo "/dev/vfio/${dev##*/}"
}
