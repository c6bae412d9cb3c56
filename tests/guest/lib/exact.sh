# SPDX-License-Identifier: GPL-2.0
# Runs "exactness" on the scenarios on its standard input, and counts its results.

# exact [OPTION]...
exact()
{
	local status
	exactness "$@" >/tmp/exact.out 2>/tmp/exact.err
	status=$?
	grep -v '^$' /tmp/exact.out
	[ ! -s /tmp/exact.err ] || note /tmp/exact.err
	echo $(($(cat "$TAP_COUNT") + $(grep -c -E '^(not )?ok - ' /tmp/exact.out))) >"$TAP_COUNT"
	[ $status = 0 ]
	ok $? "exactness $*: all is exact (status $status)"
}
