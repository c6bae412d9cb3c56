# SPDX-License-Identifier: GPL-2.0
# Runs "exactness" on scenarios, and counts its results.

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

# exact [OPTION]...: of the scenarios on its standard input.
exact()
{
	local status
	exactness "$@" >/tmp/exact.out 2>/tmp/exact.err
	status=$?
	cat /tmp/exact.out
	[ ! -s /tmp/exact.err ] || note /tmp/exact.err
	echo $(($(cat "$TAP_COUNT") + $(grep -c -E '^(not )?ok - ' /tmp/exact.out))) >"$TAP_COUNT"
	[ $status = 0 ]
	ok $? "exactness $*: all is exact (status $status)"
}
