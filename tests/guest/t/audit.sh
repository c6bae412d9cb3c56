# SPDX-License-Identifier: GPL-2.0
# needs: pinlab devices=ext4 time=1500
# --audit of pintrace and pinleak: each way of pinlab to break a rule is found by that rule alone,
# with its stacks.

# --- each rule ----------------------------------------------------------------------------------

mount_disk ext4
ok $? 'a file system' || return

wrong leak pinned leak
wrong leak pinned leak-on-error
wrong leak pinned leak --memory thp --pages 509
wrong hold-without-longterm pinned hold-short
wrong over-unpin both over-unpin
wrong over-unpin both over-unpin --memory thp --pages 7
wrong wrong-release pinned put-page
wrong wrong-release pinned put-page --memory thp --pages 7
wrong wrong-release released get-unpin
wrong wrong-release released get-unpin --memory thp --pages 7
wrong write-not-dirtied both not-dirtied --memory file=/mnt/ext4/lost
wrong unaccounted pinned unaccounted
wrong failed-call-left-pins pinned failed-left
wrong partial-not-undone pinned partial

# --- as text, some rules, a command that ends at once -------------------------------------------

pintrace --audit=over-unpin,leak -o /tmp/text -- sh -c "$(held over-unpin)" 2>/tmp/text.err
is $? 3 'text: status'
pinlab repair >/dev/null
grep -qE '^violation of over-unpin: [0-9]+ pins released' /tmp/text
ok $? 'text: the rule and its numbers' || note /tmp/text
grep -A 3 '^    pinned: .*pin_user_pages_fast(0x.*) = 13 pinlab #1$' /tmp/text |
	grep -q '^        pinlab_over_unpin+0x'
ok $? 'text: the pin call and its stack' || note /tmp/text
grep -A 3 '^    released: .*pinlab unpin_user_pages of 13$' /tmp/text |
	grep -q '^        pinlab_over_unpin+0x'
ok $? 'text: the release and its stack' || note /tmp/text
is "$(tail -n 1 /tmp/text)" 'violations: over-unpin 1' 'text: how often'

pintrace --audit=unaccounted,hold-without-longterm -o /tmp/text -- pinlab leak >/dev/null
is "$? $(cat /tmp/text)" '0 violations: none' 'others than were asked for are not looked for'
pinlab repair >/dev/null
pintrace --audit -- pinlab failed-left >/tmp/text 2>/tmp/text.err
is "$? $(tail -n 1 /tmp/text)" '3 violations: failed-call-left-pins 1' \
	'a command that ends at once: what its failed call has left is waited for'
pinlab repair >/dev/null

# --- pinleak --------------------------------------------------------------------------------------

pinleak --audit --audit-hold 2 -- sh -c "$(held hold-short)" >/tmp/text 2>/tmp/text.err
is $? 3 'pinleak: status'
grep -A 3 '^violation of hold-without-longterm: 13 pins' /tmp/text |
	grep -q '^        pinlab_hold_short+0x'
ok $? 'pinleak: the rule and the stack' || note /tmp/text
grep -q '^[-0-9]* [0-9:]*  look [0-9]*, .* 0 orphan' /tmp/text
ok $? 'pinleak: its own table' || note /tmp/text
is "$(tail -n 1 /tmp/text)" 'violations: hold-without-longterm 1' 'pinleak: how often'

pinleak --audit -j -- sh -c 'pinlab leak >/dev/null' >/tmp/audited 2>/tmp/audited.err
is "$? $(wc -l </tmp/audited) $(sed 's/.*"audit"//' /tmp/audited >/tmp/rules; broken /tmp/rules)" \
	'3 1 leak ' 'pinleak -j: the rule' || explain_failure
cp /tmp/audited /tmp/first.json && flat first
is "$(get first audit.violations.0.rule)" leak 'pinleak -j: the violation'
stack audit.violations.0.pinned.site.stack | grep -q '\<pinlab_leak '
ok $? 'pinleak -j: where it was pinned' || note /tmp/first
pinlab repair >/dev/null

printf '{\n   lab\n   driver:pinlab\n}\n' >/tmp/lab.supp
pinleak --audit --suppressions /tmp/lab.supp -- pinlab leak >/tmp/text 2>/tmp/text.err
is "$? $(tail -n 1 /tmp/text) $(cat /tmp/text.err)" '0 violations: none ' \
	'pinleak: a suppression is for both'
pinlab repair >/dev/null
pinleak --audit -d 'no*' -- pinlab leak >/tmp/text 2>/tmp/text.err
is "$? $(tail -n 1 /tmp/text)" '0 violations: none' 'pinleak: of other drivers nothing is said'
pinlab repair >/dev/null
pinleak --audit --exit-code -- pinlab hold >/tmp/text 2>/tmp/text.err
is "$? $(tail -n 1 /tmp/text)" '0 violations: none' 'pinleak: what is right' || note /tmp/text
