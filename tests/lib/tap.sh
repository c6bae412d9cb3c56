# SPDX-License-Identifier: GPL-2.0
# Test Anything Protocol for shell tests: source it, call ok/is/like, end with done_testing.

TAP_N=0
TAP_FAILED=0

# ok STATUS NAME: STATUS 0 passes.
ok()
{
	TAP_N=$((TAP_N + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $TAP_N - $2"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_N - $2"
	fi
}

# is GOT WANTED NAME
is()
{
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || printf '# got:    %s\n# wanted: %s\n' "$1" "$2"
}

# like TEXT EXTENDED-REGEX NAME
like()
{
	grep -qE -- "$2" <<<"$1"
	ok $? "$3"
	grep -qE -- "$2" <<<"$1" || printf '# no match for: %s\n%s\n' "$2" "$(sed 's/^/# /' <<<"$1")"
}

# skip NAME REASON
skip()
{
	TAP_N=$((TAP_N + 1))
	echo "ok $TAP_N - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$TAP_N"
	[ "$TAP_FAILED" -eq 0 ]
}
