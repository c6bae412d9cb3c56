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
