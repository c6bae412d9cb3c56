#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# docs/hunt.md: its commands are those of the test in guests, and the line that it names is the one.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh

grep '^    # ' docs/hunt.md | sed 's/^    # //' | sort -u >"${TMPDIR:-/tmp}/hunt.$$"
while read -r command; do
	[ "$command" != 'echo $?' ] || continue
	grep -qF -- "$command" tests/guest/t/hunt.sh
	ok $? "$command: is run in guests"
done <"${TMPDIR:-/tmp}/hunt.$$"
rm "${TMPDIR:-/tmp}/hunt.$$"
line=$(grep -o 'wrong\.c:[0-9]*' docs/hunt.md | cut -d: -f2)
like "$(sed -n "${line}p" tests/pinlab/wrong.c)" 'pin_user_pages_fast\(' "line $line: is the call"
like "$(cat docs/hunt.md)" "line $line of" "line $line: is named in words, too"
like "$(cat README.md)" 'docs/hunt\.md' 'README.md leads there'
done_testing
