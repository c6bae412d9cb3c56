# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run.sh sets and uses these
# The devices that a test can ask for. Disks are sparse files, made anew for each guest; in the guest
# "disk NAME" of lib/devices.sh finds them.
#
#   disk   virtio-blk, 1 GiB, empty
#   nvme   NVMe, 1 GiB, empty
#   ext4   virtio-blk with a file system of 512 MiB
#   vfat   the same of 256 MiB
#   iommu  an IOMMU, and behind it QEMU's "edu", a PCI device that no driver claims, for VFIO
#   share  a folder of the host by 9p (build/guest/NAME/share)

declare -A devices=()

# device_modules NAME: what has to be loaded for it. virtio_pci is a module in 6.1.
device_modules()
{
	case $1 in
	disk) echo virtio_pci virtio_blk ;;
	ext4) echo virtio_pci virtio_blk ext4 ;;
	vfat) echo virtio_pci virtio_blk vfat ;;
	nvme) echo nvme ;;
	iommu) echo vfio_iommu_type1 vfio_pci ;;
	share) echo virtio_pci 9pnet_virtio 9p ;;
	*) die "no device $1 (disk, nvme, ext4, vfat, iommu, share)" ;;
	esac
}

# need_device NAME: prints what the guest has to load for it.
need_device()
{
	local module modules
	modules=$(device_modules "$1") || { echo "$modules"; exit 1; }
	devices[$1]=1
	for module in $modules; do
		need_module "$module"
		echo "module $module"
	done
}

# blank FILE SIZE: no block of an earlier guest stays.
blank()
{
	rm -f "$1"
	truncate -s "$2" "$1"
}

# disk_of NAME SIZE DEVICE: adds a disk; what makes a file system on FILE comes after it.
disk_of()
{
	local name=$1 file=$out/$1.img device=$3
	blank "$file" "$2"
	shift 3
	[ $# = 0 ] || "$@" "$file" >"$out/$name.log" 2>&1 || die "no file system: $(tail -n 1 "$out/$name.log")"
	qemu+=(-drive "file=$file,if=none,id=$name,format=raw,cache=unsafe"
		-device "$device,drive=$name,serial=$name")
}

# attach_devices: adds to qemu and words what is in devices.
attach_devices()
{
	local name
	for name in "${!devices[@]}"; do
		case $name in
		disk) disk_of disk 1G virtio-blk-pci ;;
		nvme) disk_of nvme 1G nvme ;;
		ext4) disk_of ext4 512M virtio-blk-pci mke2fs -q -F -t ext4 ;;
		vfat) disk_of vfat 256M virtio-blk-pci mkfs.vfat -F 32 ;;
		iommu) qemu+=(-device edu) ;;
		share)
			rm -rf "$out/share"
			mkdir "$out/share"
			echo 'from the host' >"$out/share/from-host"
			qemu+=(-virtfs "local,path=$out/share,mount_tag=share,security_model=none") ;;
		esac
	done
}
