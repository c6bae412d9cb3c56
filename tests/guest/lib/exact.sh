# SPDX-License-Identifier: GPL-2.0
# Runs "exactness" on scenarios, and counts its results.

# movable_zone: is there memory in ZONE_MOVABLE?
movable_zone()
{
	awk '/zone +Movable/ { m = 1 } m && /managed/ { n = $2; exit } END { exit !(n > 0) }' /proc/zoneinfo
}

# What kernels lack, by patterns of scenarios' names. All else has to be there.
absent()
{
	case $(uname -r) in
	6.1.*)
		# Large folios of 64 KiB came with 6.8, rings in user memory with 6.5; Debian's 6.1 is
		# built without udmabuf.
		echo '*-mthp' 'nommap*' 'udmabuf*' refused-beyond refused-exhausted ;;
	esac
	# rdma-core is linked only for the architecture that builds.
	case $(uname -m) in
	aarch64) echo 'kvm*' 'pingpong*' ;;
	esac
	movable_zone || echo refused-stuck
}

# scenarios OPTIONS NAME...: the lines of all that pinsim has of these kinds, each with the options.
scenarios()
{
	local options=$1 name
	shift
	for name; do
		pinsim --list | awk -v name="$name" -v options="$options" '
			$1 == name || index($1, name "-") == 1 { print $1, options }'
	done
}

# wanted: of the lines on standard input those that this guest is to run. On the kernel's command
# line may stand only=KIND, and except=PATTERN of names.
wanted()
{
	local name options
	while read -r name options; do
		case $name in
		${except:-none}) continue ;;
		${only:-*} | ${only:-}-*) echo "$name $options" ;;
		esac
	done
}

# exact [OPTION]...: of the scenarios on its standard input; by kprobes alone with the word kprobes=1.
exact()
{
	local status
	wanted >/tmp/exact.in
	if [ ! -s /tmp/exact.in ]; then
		skip "exactness $*" 'none of these was asked for'
		return
	fi
	# Results go out as they come: those of one that hangs tell where.
	{
		exactness ${kprobes:+--kprobes} --absent "$(absent | tr '\n' ' ')" "$@" \
			</tmp/exact.in 2>/tmp/exact.err
		echo $? >/tmp/exact.status
	} | tee /tmp/exact.out
	read -r status </tmp/exact.status
	[ ! -s /tmp/exact.err ] || note /tmp/exact.err
	echo $(($(cat "$TAP_COUNT") + $(grep -c -E '^(not )?ok - ' /tmp/exact.out))) >"$TAP_COUNT"
	[ $status = 0 ]
	ok $? "exactness $*: all is exact (status $status)"
}
