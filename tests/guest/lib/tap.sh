# SPDX-License-Identifier: GPL-2.0
# Test Anything Protocol inside the guest, for busybox sh. Results carry no numbers (run.sh on the
# host gives them): tests run in subshells, so the count is kept in a file.

TAP_COUNT=/tmp/tap-count
[ -e $TAP_COUNT ] || echo 0 >$TAP_COUNT

# ok STATUS NAME: STATUS 0 passes.
ok()
{
	local verdict=ok
	[ "$1" -eq 0 ] || verdict='not ok'
	echo "$verdict - $2"
	echo $(($(cat $TAP_COUNT) + 1)) >$TAP_COUNT
	[ "$1" -eq 0 ]
}

# is GOT WANTED NAME
is()
{
	[ "$1" = "$2" ]
	ok $? "$3" && return
	printf '# got:    %s\n# wanted: %s\n' "$1" "$2"
	return 1
}

# skip NAME REASON
skip()
{
	ok 0 "$1 # SKIP $2"
}

# note FILE: its text as comments.
note()
{
	sed 's/^/# /' "$1"
}
