# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run.sh sets and uses these
# The emulated machines: one for each architecture.

# machine ARCH: sets qemu, console and results (the guest's names of its two serial ports).
machine()
{
	case $1 in
	amd64)
		qemu=(qemu-system-x86_64 -M q35 -cpu max)
		console=ttyS0
		results=ttyS1
		if [ -n "${devices[iommu]-}" ]; then
			qemu+=(-device "intel-iommu,intremap=on")
			words+=' intel_iommu=on'
		fi ;;
	arm64)
		# The default pointer authentication takes most of an emulated processor's time.
		qemu=(qemu-system-aarch64 -M "virt,gic-version=3${devices[iommu]:+,iommu=smmuv3}"
			-cpu "max,pauth-impdef=on")
		console=ttyAMA0
		results=ttyS0 ;;
	*) die "no machine for $1 (amd64, arm64)" ;;
	esac
	command -v "${qemu[0]}" >/dev/null || die "no ${qemu[0]}: install qemu-system-${1/amd64/x86}"
	qemu+=(-accel "tcg,thread=multi" -smp "2,sockets=2" -m "$mem"
		-nodefaults -no-user-config -display none -no-reboot)
}

# two_nodes: a CPU and half of the memory each.
two_nodes()
{
	local half=$((mem / 2))M node
	for node in 0 1; do
		qemu+=(-object "memory-backend-ram,id=m$node,size=$half"
			-numa "node,nodeid=$node,cpus=$node,memdev=m$node")
	done
}

# serial_ports: the console into one file, results into another. arm64's machine has one port only.
serial_ports()
{
	qemu+=(-serial "file:$out/console.log" -chardev "file,id=results,path=$out/results")
	case $1 in
	amd64) qemu+=(-serial "chardev:results") ;;
	arm64) qemu+=(-device "pci-serial,chardev=results") ;;
	esac
}
