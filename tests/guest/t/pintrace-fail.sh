# SPDX-License-Identifier: GPL-2.0
# needs: pinlab time=200
# pintrace of calls that give nothing, or less than they were asked for.

# traced STATUS NAME ARG...: pintrace, with its output in /tmp/out and /tmp/err
traced()
{
	local want=$1 name=$2
	shift 2
	pintrace "$@" >/tmp/out 2>/tmp/err
	is $? "$want" "$name: exit code" || note /tmp/err
}

# said REGEX NAME
said()
{
	grep -qE -e "$1" /tmp/out
	ok $? "$2" || note /tmp/out
}

both='pinlab fast --pages 13; pinlab partial-undone --pages 13; pinlab error --pages 7'
traced 0 'all' -a -o /tmp/out --record /tmp/fail.dat -- sh -c "$both >/dev/null"
is "$(grep -c 'pin_user_pages' /tmp/out)" 3 'all: three calls' || note /tmp/out
said 'pin_user_pages_fast\(0x[0-9a-f]+, 13, FOLL_WRITE\|FOLL_LONGTERM\) += 13 <.*> +pinlab #' \
	'all: one that gives all'
said 'pin_user_pages_fast\(0x[0-9a-f]+, 13, .*\) += 6 of 13 <.*> +pinlab #' 'all: one that gives some'
traced 0 'failed' --failed -o /tmp/out -- sh -c "$both >/dev/null"
is "$(grep -c 'pin_user_pages' /tmp/out)" 1 'failed: the one that gave less' || note /tmp/out
said ' = 6 of 13 ' 'failed: it'
traced 0 'failed, replayed' --failed --replay /tmp/fail.dat
is "$(grep -c 'pin_user_pages' /tmp/out)" 1 'failed, replayed: the same'

if grep -q ' memfd_pin_folios$' /proc/kallsyms; then
	traced 0 'failed: folios' --failed -o /tmp/out -- pinlab folios --pages 13
	is "$(grep -c 'memfd_pin_folios' /tmp/out)" 0 'failed: not one that gave folios' || note /tmp/out
fi

# Of memory that is not there.
traced 0 'nothing' --failed -o /tmp/out -- sh -c 'pinlab failed-left --pages 13 >/dev/null; pinlab repair >/dev/null'
said ' = -E[A-Z]+ \([A-Z].*\) <.*> +pinlab$' 'nothing: an error by its name'
traced 0 'summary' -c -o /tmp/out -- sh -c 'pinlab partial-undone --pages 13 >/dev/null
	pinlab failed-left --pages 13 >/dev/null; pinlab repair >/dev/null'
said '^pinlab +pin_user_pages_fast +1 +6 +0 +1 ' 'summary: one that gave less'
said '^pinlab +pin_user_pages +1 +0 +1 +0 ' 'summary: an error'
