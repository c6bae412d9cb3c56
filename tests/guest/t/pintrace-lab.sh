# SPDX-License-Identifier: GPL-2.0
# needs: pinlab time=300
# pintrace of pinlab: the stacks of releases; an audit that is recorded, and made again of the recording.

# traced STATUS NAME ARG...: pintrace, with its output in /tmp/out and /tmp/err
traced()
{
	local want=$1 name=$2
	shift 2
	pintrace "$@" >/tmp/out 2>/tmp/err
	is $? "$want" "$name: exit code" || note /tmp/err
}

# stack REGEX: the functions below the first line of /tmp/out that fits.
stack()
{
	awk -v line="$1" '
		/^        / { if (shown) { sub(/^ */, ""); sub(/\+0x.*/, ""); print } next }
		shown { exit }
		$0 ~ line { shown = 1 }' /tmp/out
}

# --- stacks of releases -------------------------------------------------------------------------

traced 0 'stacks' -k -o /tmp/out -- sh -c 'pinlab fast --pages 13 >/dev/null'
stack ' pin_user_pages' | grep -q '^pinlab_fast$'
ok $? 'stacks: of the call' || note /tmp/out
is "$(stack ' unpin 13 pages of #1 ')" '' 'stacks: none of the release, which nobody asked for'
traced 0 'release stacks' --release-stack -o /tmp/out -- sh -c 'pinlab fast --pages 13 >/dev/null'
stack ' pin_user_pages' | grep -q '^pinlab_fast$'
ok $? 'release stacks: of the call' || note /tmp/out
stack ' unpin 13 pages of #1 ' | grep -q '^pinlab_ioctl$'
ok $? 'release stacks: of the release' || note /tmp/out
stack ' unpin 13 pages of #1 ' | grep -q '^pinlab_fast$'
is $? 1 'release stacks: not those of the call'
traced 0 'release stacks, JSON' -j --release-stack -o /tmp/out -- sh -c 'pinlab fast --pages 13 >/dev/null'
is "$(grep '^{"type":"unpin"' /tmp/out | grep -c '"site":{"driver":"pinlab",.*"pinlab_ioctl+0x')" 1 \
	'release stacks, JSON: where it came from' || note /tmp/out
traced 0 'no release stacks, JSON' -j -o /tmp/out -- sh -c 'pinlab fast --pages 13 >/dev/null'
is "$(grep '^{"type":"unpin"' /tmp/out | grep -c '"site":null')" 1 'no release stacks, JSON: null'

# --- an audit, recorded -------------------------------------------------------------------------

# Of over-unpin a recording has what the pages tell, of which only huge ones have a count of their pins.
# said NAME: of an audit as text, its violations without their numbers, and how often each rule was
# broken.
said()
{
	is "$(sed -n 's/^\(violation of [a-z-]*\): .*/\1/p; /^violations: /p' /tmp/out | sort | tr '\n' ',')" \
		"$wanted" "$1: what it finds" || note /tmp/out
	stack '^    pinned: .*pin_user_pages_fast.* = 7 pinlab #' | grep -q '^pinlab_over_unpin$'
	ok $? "$1: the stack of a call" || note /tmp/out
	stack '^    released: .*pinlab unpin_user_pages of 7$' | grep -q '^pinlab_over_unpin$'
	ok $? "$1: the stack of the release" || note /tmp/out
}

wanted='violation of hold-without-longterm,violation of over-unpin,violations: hold-without-longterm 1, over-unpin 1,'
traced 3 'audit' --audit --audit-hold 2 --record /tmp/audit.dat -o /tmp/out -- sh -c '
	pinlab over-unpin --memory thp --pages 7 >/dev/null
	pinlab hold-short --hold >/dev/null & lab=$!
	sleep 5
	kill -TERM $lab
	wait $lab'
pinlab repair >/dev/null
said 'audit'
traced 3 'audit, replayed' --audit --audit-hold 2 --replay /tmp/audit.dat
said 'audit, replayed'
grep -q '^pintrace: leak is not checked: a recording does not tell$' /tmp/err
ok $? 'audit, replayed: it says what a recording does not tell' || note /tmp/err
traced 0 'audit, replayed with a filter' --audit --audit-hold 2 --replay /tmp/audit.dat -d io_uring
is "$(cat /tmp/out)" 'violations: none' 'audit, replayed with a filter: nothing'
traced 3 'audit, replayed as JSON' --audit=over-unpin -j --replay /tmp/audit.dat
is "$(tail -n 1 /tmp/out | grep -o '"violations":{[^}]*}')" '"violations":{"over-unpin":1}' \
	'audit, replayed as JSON: the rule that was asked for'
