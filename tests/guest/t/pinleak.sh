# SPDX-License-Identifier: GPL-2.0
# needs: time=1500
# pinleak on a kernel whose pin calls can be seen: its classes, commands with and without a leak,
# suppressions, a baseline, and that it says so when it cannot vouch for what it says.

# leak STATUS NAME [OPTION]...: pinleak, whose output stands in /tmp/out and /tmp/err
leak()
{
	local want=$1 name=$2
	shift 2
	pinleak "$@" >/tmp/out 2>/tmp/err </dev/null
	is $? "$want" "$name: exit code" || { note /tmp/out; note /tmp/err; }
}

# said REGEX NAME
said()
{
	grep -qE -e "$1" /tmp/out /tmp/err
	ok $? "$2" || { note /tmp/out; note /tmp/err; }
}

# look NAME [OPTION]...: one look as JSON, for row
look()
{
	local name=$1
	shift
	pinleak -j "$@" >/tmp/out 2>/tmp/err
	is $? 0 "$name: exit code" || note /tmp/err
	tail -n 1 /tmp/out >/tmp/look.json
	flat look
	is "$(get look live.difference)" 0 "$name: no difference to the kernel"
}

# row MEMBER VALUE WANTED: of the row whose MEMBER has VALUE
row()
{
	local at
	at=$(sed -n "s/^\(rows\.[0-9]*\)\.$1=$2\$/\1/p" /tmp/look | head -n 1)
	[ -n "$at" ] && get look "$at.$3"
}

# What pins and is gone, while another process keeps what it has pinned.
cat >/tmp/leaver <<'END'
pinsim --quiet uring-anon --pages 503 --pass-ring >/tmp/left.json 2>/tmp/left.err &
tries=300
until [ -s /tmp/left.json ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
echo "the command's own words"
END

# forget: what /tmp/leaver left
forget()
{
	kill "$(sed 's/.*"main_pid":\([0-9]*\).*/\1/' /tmp/left.json)"
	rm /tmp/left.json
	sleep 1
}

# --- commands -----------------------------------------------------------------------------------

leak 0 'a command without a leak' --exit-code -- pinsim --quiet uring-anon --pages 211 --for 1
said 'look [0-9]+, after .* 0 orphan, 0 growing, 0 old, 0 held, 0 expected' 'no leak: says that none is held'
leak 1 'a command that fails' --exit-code -- false
leak 7 'a command with a status' -- sh -c 'exit 7'
leak 137 'a command that is killed' -- sh -c 'kill -KILL $$'
leak 127 'no such command' -- /no/such/command
said '^pinleak: cannot run the command: No such file or directory$' 'no such command: says so'

pin other uring-anon --pages 101
ok $? 'another process pins' || return
leak 3 'a leak' --exit-code -k all -- sh /tmp/leaver
said "the command's own words" 'a leak: what the command says is seen'
said '^orphan +\([0-9]+\) .* pinsim +503 +[0-9.]+M +\+503 .* long +io_uring' 'a leak: its row'
said 'io_[a-z_]+\+0x' 'a leak: its stack'
said 'pinleak: orphan: 503 pins, 2.0M, from 1 place$' 'a leak: one line says so'
grep -q ' 101 ' /tmp/out
is $? 1 'a leak: what others pin is not shown'
forget
(pinleak --exit-code -- sh /tmp/leaver 2>/tmp/err; echo $? >/tmp/status) | :
is "$(cat /tmp/status)" 3 'a leak, and nobody reads what is printed: exit code' || note /tmp/err
forget
leak 0 'a leak, without --exit-code' -- sh /tmp/leaver
said '^orphan ' 'a leak, without --exit-code: is shown'
forget

leak 3 'suppressions: made' --exit-code --gen-suppressions -k 0 -- sh /tmp/leaver
sed -n '/^{$/,$p' /tmp/out >/tmp/supp
grep -q '^   driver:io_uring$' /tmp/supp
ok $? 'suppressions: the driver' || note /tmp/supp
grep -q '^   fun:io_' /tmp/supp
ok $? 'suppressions: the functions'
forget
cat >>/tmp/supp <<'END'
{
   of nothing
   driver:nothing*
}
END
leak 0 'suppressed' --exit-code --suppressions /tmp/supp -- sh /tmp/leaver
said 'expected +\([0-9]+\)' 'suppressed: expected'
said '/tmp/supp:[0-9]+: suppression of nothing was not used' 'suppressed: what was not used'
forget

leak 3 'a page and folded stacks' --exit-code --folded --html /tmp/page.html -i 1 -- sh /tmp/leaver
said '^pinsim;.*_\[k\];io_pin_pages_\[k\].* 503$' 'folded: pages by stack'
grep -q '<svg id="flame"' /tmp/page.html && grep -q '<svg id="chart"' /tmp/page.html
ok $? 'a page: with both pictures'
grep -q 'data-v="503"' /tmp/page.html && grep -q "data-v=\"$((503 * 4096))\"" /tmp/page.html
ok $? 'a page: with the numbers'
forget

# --- classes ------------------------------------------------------------------------------------

look 'from before' -n 1 -i 0.5
is "$(row pins 101 class)" held 'from before: held'
is "$(row pins 101 pid)" "$(get other main_pid)" 'from before: by whom'
is "$(row pins 101 driver)" '(before start)' 'from before: nobody saw the call'
is "$(row pins 101 longterm)" null 'from before: long-term is not known'
is "$(row pins 101 age_is_least)" true 'from before: it is older than that'
unpin other

# Looks while other things happen.
: >/tmp/out
pinleak -j -i 1 >>/tmp/out 2>/tmp/err &
leak=$!
tries=300
until [ -s /tmp/out ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.2
done
pin live uring-memfd --pages 1009
ok $? 'a process pins'
pinsim --quiet uring-anon --pages 307 --unmap >/tmp/unmapped.json &
unmapped=$!
sh /tmp/leaver >/dev/null
sleep 4
tail -n 1 /tmp/out >/tmp/look.json
flat look
is "$(row pins 1009 class)" held 'held: its class'
is "$(row pins 1009 pid)" "$(get live main_pid)" 'held: by whom'
is "$(row pins 1009 driver)" io_uring 'held: driver'
is "$(row pins 1009 longterm)" true 'held: long-term'
is "$(row pins 1009 pinned_bytes)" $((1009 * 4096)) 'held: bytes'
is "$(row pins 1009 unmapped_bytes)" 0 'held: all of it is mapped'
is "$(row pins 1009 age_is_least)" false 'held: since when is known'
is "$(row pins 307 class)" orphan 'unmapped: orphan'
is "$(row pins 307 exited)" false 'unmapped: its owner is there'
is "$(row pins 307 unmapped_bytes)" $((307 * 4096)) 'unmapped: all of it'
is "$(row pins 503 class)" orphan 'exited: orphan'
is "$(row pins 503 exited)" true 'exited: says so'
kill -TERM $leak
wait $leak
is $? 0 'a signal ends it; without --exit-code a leak has none'

cp /tmp/look.json /tmp/before.json
leak 3 'a leak, with all that is held' --exit-code -n 2 -i 2
said 'orphan' 'what nobody maps is an orphan also when it was there before'
leak 3 'old' --exit-code -o 1s -n 1 -i 2 -p "$(get live main_pid)"
said '^old ' 'old: its class'
leak 0 'not old' --exit-code -o 1h -n 1 -i 1 -p "$(get live main_pid)"
leak 0 'sizes' -n 1 -i 1 -z 4M -Z 1G -d '(before*'
grep -q ' 307 ' /tmp/out
is $? 1 'sizes: what is smaller is not shown'
grep -q ' 503 ' /tmp/out
is $? 1 'sizes: nor that'
forget
kill -TERM $unmapped
wait $unmapped
unpin live

# --- growing ------------------------------------------------------------------------------------

pinsim --quiet grow --pages 13 >/tmp/more.json 2>/tmp/more.err &
more=$!
sleep 1
leak 3 'growing' --exit-code -i 3 -n 3
said '^growing +[0-9]+ .* pinsim' 'growing: its row'
kill -TERM $more
wait $more

# --- a baseline ---------------------------------------------------------------------------------

pin base uring-anon --pages 401
pinleak -j -n 1 -i 0.5 >/tmp/baseline 2>/dev/null
leak 0 'a baseline' --baseline /tmp/baseline -n 1 -i 0.5
grep -q ' 401 ' /tmp/out
is $? 1 'a baseline: what was held then is not shown' || note /tmp/out
leak 3 'a baseline, and a leak since' --exit-code --baseline /tmp/baseline -- sh /tmp/leaver
said 'of the like 0 pins before' 'a baseline: what is new'
forget
unpin base

# --- where in the program, and in which control group ------------------------------------------

leak 3 'user stacks' --exit-code --user-stack -k all -- sh /tmp/leaver
said '^ +[a-z_]+\+0x[0-9a-f]+ \(pinsim(, [a-z_]+\.c:[0-9]+)?\)$' 'user stacks: the program'"'"'s functions'
forget
leak 3 'user stacks, folded' --exit-code --user-stack --folded -- sh /tmp/leaver
said '^pinsim;(.*;)?[a-z_]+;.*_\[k\];io_pin_pages_\[k\].* 503$' 'user stacks, folded: below those of the kernel'
forget
look 'user stacks, JSON' --user-stack -n 1 -i 0.5

mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg && mkdir -p /tmp/cg/one/two /tmp/cg/other
ok $? 'control groups'
pin before uring-anon --pages 101
echo "$(get before main_pid)" >/tmp/cg/one/cgroup.procs
leak 0 'cgroup: before' --cgroup /one -n 1 -i 0.5
said ' 101 .*before start' 'cgroup: what was there before counts where its process is'
leak 3 'cgroup' --cgroup one --exit-code -k 0 -i 1 -- sh -c \
	'echo $$ >/tmp/cg/one/two/cgroup.procs; sh /tmp/leaver'
said '^orphan .* 503 ' 'cgroup: of one below it'
forget
leak 0 'another cgroup' --cgroup one --exit-code -- sh -c \
	'echo $$ >/tmp/cg/other/cgroup.procs; sh /tmp/leaver'
grep -qE '^[a-z]+ .* 503 ' /tmp/out # a row, of whatever class
is $? 1 'another cgroup: is not shown'
forget
leak 0 'another cgroup: before' --cgroup other -n 1 -i 0.5
grep -q ' 101 ' /tmp/out
is $? 1 'another cgroup: nor what was there before'
leak 1 'no such cgroup' --cgroup nothing -n 1
unpin before

# --- a ledger without room ----------------------------------------------------------------------

# It has room for 560 groups of 64 pages. What is lost is neither a leak nor nothing; a leak is one
# whatever was lost beside.
leak 4 'a ledger that is too small' --exit-code --ledger-memory 64K -- \
	pinsim --quiet uring-memfd --pages 40009 --for 0.5
said '^pinleak: lost: ' 'a ledger that is too small: says what was lost'
grep -q ' 0 orphan, 0 growing, 0 old, 0 held, ' /tmp/out
ok $? 'a ledger that is too small: makes up no leak' || note /tmp/out
leak 3 'a leak, and a ledger that is too small' --exit-code --ledger-memory 64K -- sh -c \
	'sh /tmp/leaver; pinsim --quiet uring-memfd --pages 40009 --for 0.5'
said '^orphan .* 503 ' 'a leak, and a ledger that is too small: its row'
said '^pinleak: lost: ' 'a leak, and a ledger that is too small: says what was lost'
forget
