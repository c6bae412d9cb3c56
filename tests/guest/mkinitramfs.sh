#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mkinitramfs.sh [--module NAME]... [--file PATH[:PATH-IN-GUEST]]... [--busybox PATH] KERNEL-DIR OUT
#
# Packs busybox, the static tools that are built, init and its library, files, and modules with all
# they need. KERNEL-DIR is what fetch-kernel.sh prints: lib/modules is read from there.

set -eu -o pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=${O:-$here/../../build}/static

die()
{
	echo "mkinitramfs: $*" >&2
	exit 1
}

usage()
{
	sed -n '4,7s/^# \?//p' "$0"
	exit "$1"
}

modules=()
files=()
busybox=/bin/busybox
while [ $# -gt 0 ]; do
	case $1 in
	--module) modules+=("${2:?}"); shift 2 ;;
	--file) files+=("${2:?}"); shift 2 ;;
	--busybox) busybox=${2:?}; shift 2 ;;
	-h | --help) usage 0 ;;
	-*) usage 1 >&2 ;;
	*) break ;;
	esac
done
[ $# = 2 ] || usage 1 >&2
kernel=$1
out=$2

[ -x "$busybox" ] || die "no $busybox: install busybox-static"
# A busybox with an interpreter to load is the other package, and runs nowhere but here.
! readelf -lW "$busybox" 2>/dev/null | grep -q INTERP || die "$busybox is not static: install busybox-static"

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,proc,sys,tmp,lib,t}
ln -s bin "$root/sbin" # request_module() starts /sbin/modprobe
install -m 755 "$busybox" "$root/bin/busybox"
install -m 755 "$here/init" "$root/init"
install -m 644 "$here"/lib/* "$root/lib/"
for tool in "$build"/bin/{pinscan,pinstat,pintop} "$build/tests/pinsim"; do
	[ ! -x "$tool" ] || install -m 755 "$tool" "$root/bin/"
done
for file in ${files[@]+"${files[@]}"}; do
	install -D "${file%%:*}" "$root/${file#*:}"
done

if [ ${#modules[@]} -gt 0 ]; then
	version=$(ls "$kernel/lib/modules")
	from=$kernel/lib/modules/$version
	to=$root/lib/modules/$version
	mkdir -p "$to"
	# Taken apart here: busybox's modprobe knows neither xz nor zstd.
	for module in "${modules[@]}"; do
		modprobe -d "$kernel" -S "$version" --show-depends "$module" || die "no module $module"
	done | awk '$1 == "insmod" { print $2 }' | sort -u | while read -r ko; do
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
