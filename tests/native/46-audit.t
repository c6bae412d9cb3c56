#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pintrace --audit, as far as it can be told without a trace: its rules and how they are named.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
PINTRACE=$(realpath "${PINSCOPE_BIN:-build/bin}")/pintrace
RULES='leak hold-without-longterm over-unpin wrong-release longterm-in-movable write-not-dirtied
unaccounted failed-call-left-pins partial-not-undone'

# fails NAME WORDS OPTION...: with status 1, one line of words, and nothing else.
fails()
{
	local name=$1 words=$2 out
	shift 2
	out=$("$PINTRACE" "$@" 2>&1)
	is $? 1 "$name: status"
	like "$out" "^pintrace: $words" "$name: what is wrong"
}

is "$("$PINTRACE" --explain list | tr '\n' ' ')" "$(tr '\n' ' ' <<<"$RULES")" '--explain list: all rules'
for rule in $RULES; do
	text=$("$PINTRACE" --explain "$rule")
	is $? 0 "--explain $rule: status"
	is "$(head -n 1 <<<"$text")" "$rule" "--explain $rule: its name first"
	is "$(awk 'length > 80' <<<"$text")" '' "--explain $rule: no line is too long"
	grep -q "^.It Cm $rule\$" man/pintrace.8
	ok $? "$rule: in the man page"
	grep -q "\"$rule\"" docs/schema/pintrace.schema.json
	ok $? "$rule: in the schema"
done
is "$("$PINTRACE" --explain leak,unaccounted | grep -v '^ ' | tr '\n' ' ')" 'leak unaccounted ' \
	'--explain: more than one'

fails '--explain of none' "there is no rule 'lake': --explain list" --explain lake
fails '--audit of none' "there is no such rule: 'leak,lake'; --explain list" --audit=leak,lake
fails '--audit of nothing' "there is no such rule: ''" --audit=
for view in -c --chrome --folded; do
	fails "--audit $view" '--audit goes with no other output than -j' --audit $view
done
fails '--audit-hold' "--audit-hold must be seconds from 0.001 to 1000000000, not 'x'" --audit-hold x

done_testing
