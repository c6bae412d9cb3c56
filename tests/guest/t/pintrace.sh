# SPDX-License-Identifier: GPL-2.0
# needs: modules=rdma_rxe,ib_uverbs modules-present=null_blk devices=disk time=900
# pintrace: each pin call and each release, against what pinsim says it did; filters, the command's
# status, recordings, a buffer that is too small.

# traced NAME ARG...: pintrace, with its output in /tmp/NAME and /tmp/NAME.err, status in rc.
traced()
{
	local name=$1
	shift
	pintrace "$@" >"/tmp/$name" 2>"/tmp/$name.err"
	rc=$?
}

# json NAME SCENARIO [OPTION]...: pintrace -j of pinsim, whose own lines go to /tmp/NAME.sim.
json()
{
	local name=$1
	shift
	traced "$name.out" -j -o "/tmp/$name" -- sh -c 'pinsim --quiet "$@" >"$0"' "/tmp/$name.sim" "$@"
	is "$(cat "/tmp/$name.out.err")" '' "$name: nothing is lost"
}

# member MEMBER: of the JSON lines on standard input, the first of each line.
member()
{
	awk -v key="\"$1\":" '(at = index($0, key)) {
		value = substr($0, at + length(key))
		sub(/^"/, "", value)
		sub(/[",}].*/, "", value)
		print value
	}'
}

# of NAME TYPE: the lines of a type.
of()
{
	grep "^{\"type\":\"$2\"" "/tmp/$1"
}

# clock NAME: the calls and releases against the times that pinsim took around them.
clock()
{
	of "$1" pin | awk -v began="$(member began_ns <"/tmp/$1.sim")" \
		-v taken="$(member taken_ns <"/tmp/$1.sim")" "$value"'
		{ end = value("time_ns"); n++ }
		end - value("duration_ns") < began || end > taken { print; bad = 1 }
		END { exit bad || !n }' >/tmp/clock
	ok $? "$1: its calls lie within pinsim's own times" || { note /tmp/clock; note "/tmp/$1.sim"; }
	of "$1" unpin | awk -v dropping="$(member dropping_ns <"/tmp/$1.sim")" \
		-v released="$(member released_ns <"/tmp/$1.sim")" "$value"'
		{ at = value("time_ns"); n++ }
		at < dropping || at > released { print; bad = 1 }
		END { exit bad || !n }' >/tmp/clock
	ok $? "$1: its releases lie within pinsim's own times" || { note /tmp/clock; note "/tmp/$1.sim"; }
	parts "$1" held_ns | awk -v least=$(($(member dropping_ns <"/tmp/$1.sim") -
		$(member taken_ns <"/tmp/$1.sim"))) -v most=$(($(member released_ns <"/tmp/$1.sim") -
		$(member began_ns <"/tmp/$1.sim"))) '
		{ n++ }
		$1 < least || $1 > most { print least, $1, most; bad = 1 }
		END { exit bad || !n }' >/tmp/clock
	ok $? "$1: held as long as by pinsim's clock" || note /tmp/clock
}

# For awk: a number of the line.
value='function value(name) {
	match($0, "\"" name "\":[0-9]+")
	return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
}'

# attributed NAME: each release ends calls that were seen, of the process that pinned, all of them.
attributed()
{
	is "$(parts "$1" pins | sum)" "$(of "$1" pin | member got | sum)" "$1: as many released as pinned"
	is "$(of "$1" unpin | grep -c '"call":null')" 0 "$1: none of another call's"
	is "$(parts "$1" call | sort -un | tr '\n' ' ')" "$(of "$1" pin | member call | sort -un | tr '\n' ' ')" \
		"$1: of each call"
	is "$(parts "$1" comm | sort -u)" "$(of "$1" pin | member comm | sort -u)" "$1: by whoever, of the one that pinned"
}

sum()
{
	awk '{ n += $1 } END { print n + 0 }'
}

# parts NAME MEMBER: of all parts of releases whose pin call was seen.
parts()
{
	of "$1" unpin | sed 's/.*"parts":\[//' | tr '{' '\n' | grep '"call":[0-9]' | member "$2"
}

# --- how functions are seen ---------------------------------------------------------------------

traced features --features
is $rc 0 'features: status'
ways /tmp/features
ok $? 'features: by fentry, but for what this kernel cannot' || note /tmp/features

# --- a line for each ----------------------------------------------------------------------------

traced text -tt -k -o /tmp/lines -- pinsim --quiet uring-anon --pages 1009 --for 0.3
is $rc 0 'text: status'
is "$(cat /tmp/text.err)" '' 'text: nothing is lost'
flags='FOLL_WRITE\|FOLL_LONGTERM'
grep -qE "^[0-9:]+\.[0-9]{6} [0-9]+ +pinsim +pin_user_pages(_fast)?\($(member address </tmp/text | head -n 1), 1009, $flags\) += 1009 <[0-9.]+[mu]?s> +io_uring #1\$" \
	/tmp/lines
ok $? 'text: the call with address, pages, flags, result, time, driver' || note /tmp/lines
grep -q '^        io_.*+0x' /tmp/lines
ok $? 'text: its kernel stack'
grep -qE 'pinsim +unpin [0-9]+ pages? of #1 \(pinsim, io_uring\).*, held [0-9.]+m?s' /tmp/lines
ok $? 'text: the release, which pin it ends and how long that was held'
is "$(sed -n 's/.* unpin \([0-9]*\) page.*/\1/p' /tmp/lines | sum)" 1009 'text: all pages are released'

# --- pairs and lifetimes ------------------------------------------------------------------------

# A lifetime is no shorter than pinsim held, and no longer than all of it took.
begun=$(date +%s)
json held uring-memfd --pages 61 --times 3 --for 0.5
took=$(($(date +%s) - begun + 1))
is "$(of held pin | member got | tr '\n' ' ')" '61 61 61 ' 'held: three calls'
is "$(parts held pins | sum)" 183 'held: all of them released'
is "$(parts held call | sort -u | tr '\n' ' ')" '1 2 3 ' 'held: each release to its call'
parts held held_ns | awk -v took=$took '$1 > took * 1e9 { bad = 1 } { n++ } END { exit bad || n < 3 }'
ok $? 'held: none longer than it took' || note /tmp/held
[ "$(parts held held_ns | sort -n | tail -n 1)" -ge 500000000 ]
ok $? 'held: the last one as long as pinsim held it'

json remote pvmread-anon --pages 127
is "$(of remote pin | member got | tr '\n' ' ')" '127 127 127 ' 'remote: calls'
is "$(of remote pin | sed 's/.*"site"://' | member driver | sort -u)" process_vm 'remote: driver'
[ "$(of remote pin | sed 's/.*"owner"://' | member pid | sort -u)" != "$(of remote pin | member pid | sort -u)" ]
ok $? 'remote: the memory is another process'"'"'s'
is "$(parts remote pins | sum)" 381 'remote: all released'

# --- by pinsim's own clock ----------------------------------------------------------------------

json unregistered uring-memfd --pages 1009 --for 0.7
clock unregistered

# --- who releases -------------------------------------------------------------------------------

# A ring that is closed is given back by a kernel thread.
json closed uring-anon --pages 251 --for 0.2 --release close
attributed closed
clock closed
is "$(of closed unpin | member comm | grep -c pinsim)" 0 'closed: by a kernel thread'

# The ring of a killed process is given back by a kernel thread, after it has gone.
json killed uring-anon --pages 251 --for 0.2 --abort
is $rc 137 'killed: the status that shells give'
attributed killed
of killed unpin | member comm | grep -qv pinsim
ok $? 'killed: not by the process'

# Does direct I/O take pins?
pins_direct_io()
{
	case $(uname -r) in
	6.1.*) false ;; # since 6.5
	esac
}

json disk dioread-anon --pages 61 --file "$(disk disk)"
if pins_direct_io; then
	is "$(of disk pin | sed 's/.*"site"://' | member driver | sort -u)" direct-io 'disk: driver'
fi
is "$(parts disk pins | sum)" "$(of disk pin | member got | sum)" 'disk: as many released as pinned'

# Completed by an interrupt, or in a kernel thread for one: the right call's all the same.
rmmod null_blk 2>/dev/null
modprobe null_blk nr_devices=1 gb=1 irqmode=2 completion_nsec=500000000
json async aioread-anon --pages 61 --file /dev/nullb0 --for 0.1
is $rc 0 'async: status'
json write aiowrite-anon --pages 61 --file /dev/nullb0 --for 0.1
rmmod null_blk
if pins_direct_io; then
	attributed async
	attributed write
	# Some kernels leave it to a kernel thread, and so does what was read into where marking it
	# dirty may sleep.
	for name in async write; do
		is "$(of $name unpin | grep '"context":"task"' | member comm | grep -c pinsim)" 0 \
			"$name: in an interrupt or a kernel thread"
		echo "# $name: by $(of $name unpin | member context | sort | uniq -c | tr '\n' ' ')"
	done
else
	is "$(of disk pin)$(of async pin)$(of write pin)" '' 'disk, async, write: nothing is pinned'
fi
# Where what was written is given back by the interrupt itself, no process is the one that does it.
case $(uname -r) in
6.12.*)
	is "$(of write unpin | grep -E '"context":"(soft|hard)irq","pid":null' | member pins | sum)" \
		"$(of write pin | member got | sum)" 'write: by an interrupt, all of it' || note /tmp/write ;;
esac

json rdma rdma-anon --pages 127 --for 0.2
is "$(of rdma pin | sed 's/.*"site"://' | member driver | sort -u)" rdma 'rdma: driver'
attributed rdma
clock rdma
is "$(of rdma unpin | member comm | sort -u)" pinsim 'rdma: dereg by the process'
json exited rdma-anon --pages 127 --for 0.2 --release exit
attributed exited

# --- filters ------------------------------------------------------------------------------------

# Three calls by process_vm and one by io_uring.
both='pinsim --quiet pvmread-anon --pages 127 >/dev/null
	pinsim --quiet uring-anon --pages 13 --for 0.1 >/dev/null'

# live ARG...: how many of them pass, where the kernel's programs tell.
live_calls()
{
	traced live -j "$@" -- sh -c "$both"
	of live pin | wc -l
}

# replayed ARG...: how many of them pass, recorded before.
replayed_calls()
{
	traced replayed -j --replay /tmp/both.dat "$@"
	of replayed pin | wc -l
}

is "$(live_calls --record /tmp/both.dat)" 4 'filter: none'
is "$(live_calls --flags '!longterm' -z 100K)" 3 'filter: without a flag, least size'
is "$(live_calls --flags longterm -Z 100K -u 0 -n 1)" 1 'filter: with a flag, most size, user'
is "$(live_calls -u 4242)" 0 'filter: another user'
is "$(live_calls --failed)" 0 'filter: failed'
is "$(live_calls --flags write)" 1 'filter: another flag'
is "$(live_calls --comm 'pins*' -d 'process*' --function process_vm_rw)" 3 'filter: name, driver, function'
is "$(live_calls --held 0.05)" 1 'filter: held'

is "$(replayed_calls)" 4 'filter: none, replayed'
is "$(replayed_calls -d io_uring)" 1 'filter: driver'
is "$(replayed_calls -d 'process*')" 3 'filter: driver by a pattern'
is "$(replayed_calls -d io_uring -d process_vm)" 4 'filter: two drivers'
is "$(replayed_calls --flags longterm)" 1 'filter: flag, replayed'
is "$(replayed_calls --flags '!longterm')" 3 'filter: not a flag, replayed'
is "$(replayed_calls --flags '!write')" 3 'filter: not another flag, replayed'
is "$(replayed_calls -z 100K)" 3 'filter: least size, replayed'
is "$(replayed_calls -Z 100K)" 1 'filter: most size, replayed'
is "$(replayed_calls --function 'io_*')" 1 'filter: function'
is "$(replayed_calls --function nothing)" 0 'filter: no such function'
is "$(replayed_calls --comm pinsim)" 4 'filter: name'
is "$(replayed_calls --comm other)" 0 'filter: another name'
is "$(replayed_calls -u 0)" 4 'filter: user, replayed'
is "$(replayed_calls -p 1)" 0 'filter: another process, replayed'
is "$(replayed_calls --failed)" 0 'filter: failed, replayed'
is "$(replayed_calls -n 2)" 2 'as many calls as asked for'
is "$(replayed_calls --held 0.05)" 1 'filter: held'
is "$(parts replayed pins | sum)" 13 'held: its releases'

mkdir -p /tmp/cg && mount -t cgroup2 none /tmp/cg && mkdir -p /tmp/cg/one
ok $? 'control groups'
traced in -j --cgroup one -- sh -c 'echo $$ >/tmp/cg/one/cgroup.procs
	pinsim --quiet pvmread-anon --pages 127 >/dev/null'
is "$(of in pin | wc -l)" 3 'filter: cgroup'
traced out -j --cgroup one -- pinsim --quiet pvmread-anon --pages 127
is "$(of out pin | wc -l)" 0 'filter: another cgroup'

# The whole machine, and one process that is there already.
pin there uring-anon --pages 31
ok $? 'a process that pins'
: >/tmp/attached
pintrace -j -p "$(get there pid)" >>/tmp/attached 2>/tmp/attached.err &
tracer=$!
until grep -q begin /tmp/attached; do sleep 0.2; done
pinsim --quiet pvmread-anon --pages 7 >/dev/null
unpin there
sleep 0.5
kill -TERM $tracer
wait $tracer
is $? 0 'attached: a signal ends it'
is "$(of attached pin | wc -l)" 0 'attached: not the calls of others'
tail -n 1 /tmp/attached | grep -q '"type":"end"'
ok $? 'attached: with its end'

# A process that is there already, and what it starts from then on.
mkfifo /tmp/go
sh -c 'read -r go </tmp/go; pinsim --quiet pvmread-anon --pages 7 >/dev/null' &
parent=$!
: >/tmp/children
pintrace -j -p $parent >>/tmp/children 2>/tmp/children.err &
tracer=$!
until grep -q begin /tmp/children; do sleep 0.2; done
echo >/tmp/go
wait $parent
sleep 0.5
kill -TERM $tracer
wait $tracer
is "$(of children pin | wc -l)" 3 'attached: the calls of its children'

traced for -j --for 0.5
is "$rc $(member type </tmp/for | tr '\n' ' ')" '0 begin end ' 'for: ends by itself'

# --- the command --------------------------------------------------------------------------------

traced status -- sh -c 'exit 7'
is $rc 7 "command: its status"
traced none -- /nonexistent
is "$rc $(cat /tmp/none.err)" '127 pintrace: cannot run the command: No such file or directory' \
	'command: there is none'
rm -f /tmp/runs
pintrace -o /dev/null -- sh -c 'trap "exit 9" TERM; : >/tmp/runs; while :; do sleep 0.1; done' &
tracer=$!
until [ -e /tmp/runs ]; do sleep 0.2; done
kill -TERM $tracer
wait $tracer
is $? 9 'command: gets the signal, and ends with its own status'

rm -f /tmp/runs
pintrace -o /dev/null -- sh -c 'trap "" TERM; echo $$ >/tmp/runs; while :; do sleep 0.1; done' 2>/tmp/cut &
tracer=$!
until [ -s /tmp/runs ]; do sleep 0.2; done
tries=300
while [ $tries != 0 ] && kill -TERM $tracer 2>/dev/null; do
	tries=$((tries - 1))
	sleep 0.2
done
wait $tracer
is "$? $(cat /tmp/cut)" '4 pintrace: cut short by a signal: the command still runs, and what it does from now on is not seen' \
	'command: a second signal ends the trace before it'
kill -KILL "$(cat /tmp/runs)"

# --- recordings ---------------------------------------------------------------------------------

traced record --record /tmp/trace.dat -j -o /tmp/live.json -- pinsim --quiet uring-anon --pages 61 --for 0.2
is $rc 0 'record: status'
traced replay --replay /tmp/trace.dat -j
is $rc 0 'replay: status'
cmp -s /tmp/live.json /tmp/replay
ok $? 'replay: what was seen live' || { note /tmp/live.json; note /tmp/replay; }
for view in -c --chrome --folded --folded=page-seconds '-k -a -ttt'; do
	traced record --record /tmp/view.dat -o /tmp/view $view --user-stack -- \
		pinsim --quiet uring-anon --pages 61 --for 1
	traced replay --replay /tmp/view.dat $view --user-stack
	is "$rc $(cat /tmp/replay.err)" '0 ' "replay: $view"
	cmp -s /tmp/view /tmp/replay
	ok $? "replay: $view as it was seen live" || { note /tmp/view; note /tmp/replay; }
	cp /tmp/view "/tmp/view${view%% *}"
done
grep -qE '^io_uring +pin_user_pages[a-z_]* +1 +61 +0 ' /tmp/view-c
ok $? 'summary: calls, pages, errors' || note /tmp/view-c
grep -qE 'lifetime of 1 call$' /tmp/view-c
ok $? 'summary: histograms'
is "$(grep -o '"ph":"b"' /tmp/view--chrome | wc -l) $(grep -o '"ph":"e"' /tmp/view--chrome | wc -l)" '1 1' \
	'chrome: a span for the pins'
grep -q '"ph":"C"' /tmp/view--chrome
ok $? 'chrome: a counter'
grep -qE '^pinsim;(.*;)?[a-z_]+;.*_\[k\];io_pin_pages_\[k\].* 61$' /tmp/view--folded
ok $? 'folded: pages by stack' || note /tmp/view--folded
# 61 pages for a second at least.
[ "$(sed 's/.* //' /tmp/view--folded=page-seconds | sum)" -ge 61 ]
ok $? 'folded: page-seconds' || note /tmp/view--folded=page-seconds
grep -qE '^ +[a-z_]+\+0x[0-9a-f]+ \(pinsim(, [a-z_]+\.c:[0-9]+)?\)$' /tmp/view-k
ok $? 'user stacks: functions of the program' || note /tmp/view-k
for time in -r -t -tt -ttt; do
	traced times --replay /tmp/trace.dat $time
	case $time in
	-r) want=' +[0-9]+\.[0-9]{6}' ;;
	-t) want='[0-9]{2}:[0-9]{2}:[0-9]{2}' ;;
	-tt) want='[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}' ;;
	-ttt) want='[0-9]{10}\.[0-9]{6}' ;;
	esac
	is "$(grep -vcE "^$want [0-9]+ +" /tmp/times)" 0 "times: $time" || note /tmp/times
done

# --- what gets lost is said ---------------------------------------------------------------------

: >/tmp/slow
pintrace --buffer 64K --release-stack >>/tmp/slow 2>/tmp/slow.err &
tracer=$!
until [ -n "$(pidof pintrace)" ] && pinsim --quiet pvmread-anon --pages 7 >/dev/null && [ -s /tmp/slow ]; do sleep 0.2; done
kill -STOP $tracer
pinsim --quiet pvmread-anon --pages 7 --times 300 >/dev/null
kill -CONT $tracer
kill -TERM $tracer
wait $tracer
is $? 4 'lost: status'
grep -qE '^pintrace: lost: [1-9][0-9]* pin calls, [1-9][0-9]* pins: the buffer was full' /tmp/slow.err
ok $? 'lost: how many' || note /tmp/slow.err

# --- a tool that is killed ----------------------------------------------------------------------

pintrace >/tmp/killed.text 2>&1 &
tracer=$!
sleep 3
kill -KILL $tracer
wait $tracer 2>/dev/null
sleep 0.5
json again pvmread-anon --pages 7
is "$(of again pin | wc -l)" 3 'killed: the next one works'
