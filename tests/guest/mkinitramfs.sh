#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mkinitramfs.sh [OPTIONS] OUT
#   --tools DIR            what "make STATIC=1 O=DIR" built (build/static)
#   --busybox PATH         a static one (/bin/busybox)
#   --modules DIR          the kernel's modules: .../lib/modules/VERSION
#   --module NAME          one of them, with all that it needs
#   --file PATH[:IN-GUEST] a file
#
# Packs these, init and its library.

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)

die()
{
	echo "mkinitramfs: $*" >&2
	exit 1
}

usage()
{
	sed -n '4,11s/^# \?//p' "$0"
	exit "$1"
}

modules=()
files=()
from=
tools=${O:-$here/../../build}/static
busybox=/bin/busybox
while [ $# -gt 0 ]; do
	case $1 in
	--tools) tools=${2:?}; shift 2 ;;
	--busybox) busybox=${2:?}; shift 2 ;;
	--modules) from=${2:?}; shift 2 ;;
	--module) modules+=("${2:?}"); shift 2 ;;
	--file) files+=("${2:?}"); shift 2 ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) break ;;
	esac
done
[ $# = 1 ] || usage 1 >&2
out=$1

[ -x "$busybox" ] || die "no $busybox: install busybox-static"
# A busybox with an interpreter to load is the other package, and runs nowhere but here.
! readelf -lW "$busybox" 2>/dev/null | grep -q INTERP || die "$busybox is not static: install busybox-static"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root" # the guest's other users find programs there
mkdir -p "$root"/{bin,dev,proc,sys,tmp,mnt,lib,t}
ln -s bin "$root/sbin" # request_module() starts /sbin/modprobe
install -m 755 "$busybox" "$root/bin/busybox"
install -m 755 "$here/init" "$root/init"
install -m 644 "$here"/lib/* "$root/lib/"
for tool in "$tools"/bin/* "$tools"/tests/{pinsim,exactness,pinlab}; do
	[ ! -f "$tool" ] || install -m 755 "$tool" "$root/bin/"
done
# What the terminal understands, for screens.
terminal=/lib/terminfo/l/linux
[ ! -e $terminal ] || install -D -m 644 $terminal "$root$terminal"
for file in ${files[@]+"${files[@]}"}; do
	install -D "${file%%:*}" "$root/${file#*:}"
done

# asked_for MODULE: what it asks for by request_module() once it runs, where no dependency tells.
asked_for()
{
	case $1 in
	ext4) echo crc32c_generic ;;
	nvme) echo crc64_rocksoft_generic ;;
	rdma_rxe) echo crc32_generic ;;
	vfat) echo nls_cp437 nls_iso8859_1 nls_ascii nls_utf8 ;;
	9p) echo 9pnet_virtio ;;
	esac
}

# closure MODULE: the files of it and of all it needs.
closure()
{
	modprobe -C /dev/null -d "$kernel" -S "$version" --show-depends "$1" 2>&1 |
		awk '$1 == "insmod" { print $2 }'
}

if [ -n "$from" ]; then
	version=${from##*/}
	kernel=${from%/lib/modules/*}
	to=$root/lib/modules/$version
	mkdir -p "$to"
	# Taken apart here: busybox's modprobe knows neither xz nor zstd.
	for module in ${modules[@]+"${modules[@]}"}; do
		closure "$module" || die "no module $module"
		for asked in $(asked_for "$module"); do
			closure "$asked" || : # not every kernel has them as modules, or at all
		done
	done | sort -u | while read -r ko; do
		plain=$to/${ko#"$from/"}
		plain=${plain%.xz}
		plain=${plain%.zst}
		mkdir -p "${plain%/*}"
		case $ko in
		*.xz) xz -dc "$ko" >"$plain" ;;
		*.zst) zstd -qdc "$ko" >"$plain" ;;
		*) cp "$ko" "$plain" ;;
		esac
	done
	cp "$from"/modules.{order,builtin,builtin.modinfo} "$to/"
	depmod -b "$root" "$version"
fi

# All of it root's, whoever builds it. gzip, because every kernel unpacks that.
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) | gzip -1 >"$out.new"
mv "$out.new" "$out"
