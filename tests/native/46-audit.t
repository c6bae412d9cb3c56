#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# --audit of pintrace and pinleak, as far as it can be told without a trace: the rules and how they
# are named, and what is written of (made-up) violations against the schemas.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
BIN=$(realpath "${PINSCOPE_BIN:-build/bin}")
UNIT=$(realpath "${PINSCOPE_UNIT:-build/tests}")
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT
RULES='leak hold-without-longterm over-unpin wrong-release longterm-in-movable write-not-dirtied
unaccounted failed-call-left-pins partial-not-undone'

# fails NAME WORDS OPTION...: with status 1, one line of words, and nothing else.
fails()
{
	local name=$1 words=$2 out
	shift 2
	out=$("$BIN/$tool" "$@" 2>&1)
	is $? 1 "$tool $name: status"
	like "$out" "^$tool: $words" "$tool $name: what is wrong"
}

for tool in pintrace pinleak; do
	is "$("$BIN/$tool" --explain list | tr '\n' ' ')" "$(tr '\n' ' ' <<<"$RULES")" \
		"$tool --explain list: all rules"
	for rule in $RULES; do
		text=$("$BIN/$tool" --explain "$rule")
		is $? 0 "$tool --explain $rule: status"
		is "$(head -n 1 <<<"$text")" "$rule" "$tool --explain $rule: its name first"
		[ "$(wc -w <<<"$text")" -gt 25 ]
		ok $? "$tool --explain $rule: a paragraph"
		is "$(awk 'length > 80' <<<"$text")" '' "$tool --explain $rule: no line is too long"
		grep -qE "^\.(It )?Cm $rule( [,.])?\$" "man/$tool.8"
		ok $? "$rule: in $tool's man page"
		grep -q "\"$rule\"" "docs/schema/$tool.schema.json"
		ok $? "$rule: in $tool's schema"
	done
	is "$("$BIN/$tool" --explain leak,unaccounted | grep -v '^ ' | tr '\n' ' ')" 'leak unaccounted ' \
		"$tool --explain: more than one"
	fails '--explain of none' "there is no rule 'lake': --explain list" --explain lake
	fails '--audit of none' "there is no such rule: 'leak,lake'; --explain list" --audit=leak,lake
	fails '--audit of nothing' "there is no such rule: ''" --audit=
	fails '--audit-hold' "--audit-hold must be seconds from 0.001 to 1000000000, not 'x'" \
		--audit-hold x
done
tool=pintrace
for view in -c --chrome --folded; do
	fails "--audit $view" '--audit goes with no other output than -j' --audit $view
done
tool=pinleak
fails '--audit --folded' '--audit does not go with --folded' --audit --folded

AUDIT_SAMPLES=$TMP "$UNIT/test_audit_views" >/dev/null 2>"$TMP/err"
ok $? 'samples are written' || sed 's/^/# /' "$TMP/err"
python3 - "$TMP" <<'END'
import json, sys
from jsonschema import Draft7Validator
def schema(tool):
    return json.load(open(f"docs/schema/{tool}.schema.json"))
lines = [json.loads(line) for line in open(sys.argv[1] + "/pintrace.json")]
assert [line["type"] for line in lines] == ["begin"] + 3 * ["violation"], lines
for line in lines:
    Draft7Validator(schema("pintrace")).validate(line)
whole = schema("pinleak")
one = {"definitions": whole["definitions"], **whole["properties"]["audit"]}
Draft7Validator(one).validate({"rules": {"leak": 0, "over-unpin": 1},
                               "violations": json.load(open(sys.argv[1] + "/pinleak.json"))})
END
ok $? 'JSON: as the schemas say'

done_testing
