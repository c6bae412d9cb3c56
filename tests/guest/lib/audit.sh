# SPDX-License-Identifier: GPL-2.0
# Audits by pintrace, and what they have found.

# audited COMMAND: pintrace of a line of shell, to /tmp/audited; its words to /tmp/audited.err.
audited()
{
	pintrace --audit --audit-hold 2 --buffer 128M -j -o /tmp/audited -- sh -c "$1" \
		>/tmp/audited.out 2>/tmp/audited.err
	rc=$?
}

# broken FILE: the rules that were, by the numbers at the end.
broken()
{
	tail -n 1 "$1" | sed 's/.*"\(violations\|rules\)":{//; s/}.*//' | tr ',' '\n' |
		sed -n 's/^"\(.*\)":[1-9][0-9]*$/\1/p' | tr '\n' ' '
}

# explain_failure: what was found, and said.
explain_failure()
{
	grep -o '"rule":.*' /tmp/audited | cut -c 1-900 >/tmp/shown
	note /tmp/shown
	note /tmp/audited.err
	note /tmp/audited.out
}

# held OP [OPTION]...: a line of shell: pinlab holds for longer than any rule needs, and ends.
held()
{
	echo "pinlab $* --hold >/tmp/lab.json & lab=\$!; sleep 5; kill -TERM \$lab; wait \$lab"
}

# stack PATH: the functions of a stack of the first violation, in one line.
stack()
{
	list first "$1" | sed 's/+0x.*//' | tr '\n' ' '
}

# wrong RULE CALLS OP [OPTION]...: CALLS are pinned, released or both: those that are to be shown,
# with their stacks.
wrong()
{
	local rule=$1 calls=$2 call
	shift 2
	audited "$(held "$@")"
	[ "$rc $(broken /tmp/audited)" = "3 $rule " ]
	ok $? "$*: found by $rule alone (status $rc)" || explain_failure
	grep -m 1 '^{"type":"violation"' /tmp/audited >/tmp/first.json && flat first
	is "$(get first rule)" "$rule" "$*: said when it was found"
	for call in pinned released; do
		if [ $calls = $call ] || [ $calls = both ]; then
			stack $call.site.stack | grep -q '\<pinlab_'
			ok $? "$*: where it was $call" || note /tmp/first
		else
			is "$(get first $call)" null "$*: not where it was $call"
		fi
	done
	if [ $calls != released ]; then
		stack pinned.user_stack | grep -q '^__ioctl '
		ok $? "$*: who asked for it" || note /tmp/first
	fi
	pinlab repair >/dev/null
}
