# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # run.sh sets and uses these
# What tests say in their own files that they need. A test has lines such as
#
#   # needs: modules=rdma_rxe,dummy modules?=vduse modules-present=null_blk
#   # needs: devices=disk,iommu mem=3072 time=90 word=hugepages=64 alone
#
#   modules          are loaded before the test; a kernel that lacks one fails
#   modules-present  can be loaded by the test itself, with parameters
#   modules?, modules-present?  the same, for what not every kernel has: see has_module. What can
#                    only be built in (udmabuf) is no module and has to be looked for by the test
#   devices          of devices.sh, with their modules
#   mem              MiB of the guest's memory; of several tests the largest counts
#   time             seconds after which the test hangs (120); with two guests at a time all is slower
#   word             one more word for the kernel's command line
#   pinlab           the module of tests/pinlab, loaded; without headers for it the test is skipped
#   alone            does not run with all others: only when it is asked for by name

# needs_of TEST-FILE: one need a line, as it stands there.
needs_of()
{
	sed -n 's/^# needs: *//p' "$1" | tr -s '[:blank:]' '\n'
}

# words_of LIST: the words of a list with commas, one a line.
words_of()
{
	tr -s , '\n' <<<"$1"
}

# kernel_has MODULE: as a module or built in. Without a folder of modules nobody can know.
kernel_has()
{
	[ -z "$moddir" ] ||
		modprobe -C /dev/null -d "$kernel_root" -S "$version" --show-depends "$1" >/dev/null 2>&1
}

# need_module MODULE: one that has to be there.
need_module()
{
	kernel_has "$1" || die "the kernel ${version:-} has no module $1"
	pack+=(--module "$1")
}

# need_pinlab: prints "module pinlab", or why there is none.
need_pinlab()
{
	local ko rc=0
	if [ "$arch" != amd64 ] || [ -z "$moddir" ]; then
		echo 'skip pinlab is built for kernels of amd64 with modules only'
		return
	fi
	ko=$("$here/build-pinlab.sh" "$version") || rc=$?
	case $rc in
	0)	pack+=(--file "$ko:lib/modules/$version/extra/pinlab.ko")
		echo 'module pinlab' ;;
	77)	echo "skip no headers to build pinlab for $version" ;;
	*)	die "cannot build pinlab for $version" ;;
	esac
}

# resolve_needs TEST-FILE: adds to pack, devices, words, mem and limit, and prints for the guest what
# to do before the test: "module X" (to load), "lacks X" (what it can do without), "time SECONDS";
# or "skip REASON" instead of it.
resolve_needs()
{
	local need value name seconds=120

	while IFS= read -r need; do
		value=${need#*=}
		case $need in
		modules=* | modules-present=*)
			for name in $(words_of "$value"); do
				need_module "$name"
				[ "${need%%=*}" = modules-present ] || echo "module $name"
			done ;;
		modules\?=* | modules-present\?=*)
			for name in $(words_of "$value"); do
				if ! kernel_has "$name"; then
					echo "lacks $name"
					continue
				fi
				need_module "$name"
				[ "${need%%=*}" = modules-present\? ] || echo "module $name"
			done ;;
		devices=*)
			for name in $(words_of "$value"); do
				need_device "$name"
			done ;;
		mem=*) [ "$value" -le "$mem" ] || mem=$value ;;
		time=*) seconds=$value ;;
		word=*) words+=" $value" ;;
		pinlab) need_pinlab ;;
		alone | '') ;;
		*) die "${1##*/} needs $need: what is that?" ;;
		esac
	done < <(needs_of "$1")
	echo "time $seconds"
	limit=$((limit + seconds))
}
