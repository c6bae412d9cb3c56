# SPDX-License-Identifier: GPL-2.0
# needs: time=400
# pintop with live events: who took pins before it began and since, through which driver and from
# where, short pins, an owner that has exited; and always no difference to the kernel.

# live [OPTION]...: pintop in the background; returns once it has shown something.
live()
{
	# Here, since the one in the background may come too late for who looks at it.
	: >/tmp/live.out
	pintop -j -d 0.3 --source events "$@" >>/tmp/live.out 2>/tmp/live.err &
	pintop=$!
	wait_for 60 latest
	ok $? "pintop $*: starts" || note /tmp/live.err
}

latest()
{
	tail -n 1 /tmp/live.out >/tmp/live.json
	[ -s /tmp/live.json ] && flat live 2>/dev/null
}

# wait_for SECONDS COMMAND...
wait_for()
{
	local tries=$(($1 * 5))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.2
	done
}

# row PID MEMBER VALUE: does the newest line say so?
row()
{
	latest && [ "$(of_process live "$1" "$2")" = "$3" ]
}

# shows PID MEMBER VALUE NAME: within 20 seconds.
shows()
{
	wait_for 20 row "$1" "$2" "$3"
	ok $? "$4" || { echo "# $2 is $(of_process live "$1" "$2"), not $3"; note /tmp/live; }
}

# exited_with PINS: is there an owner that has exited, and has as many? Those of short pins are shown
# too, with none, until they have been gone for a while.
exited_with()
{
	latest && sed -n 's/^\(processes\.[0-9]*\)\.exited=true$/\1/p' /tmp/live | while read -r at; do
		get live "$at.pins"
	done | grep -qx "$1"
}

# has REGEX: does the newest line have such a member?
has()
{
	latest && grep -qE "$1" /tmp/live
}

# agrees NAME: as far as it can be told, what is known of the kernel's own errors taken off.
agrees()
{
	wait_for 20 has \
		 '^live\.difference=0$'
	ok $? "$1: no difference to the kernel"
	is "$(get live live.lost_ever)" 0 "$1: nothing is lost"
}

# stops STATUS
stops()
{
	kill -TERM $pintop
	wait $pintop
	is $? "$1" "pintop ends with $1"
	is "$(cat /tmp/live.err)" '' 'nothing on standard error'
}

# second SCENARIO [OPTION]...: pinsim beside the one of pin; its PID is in other.
second()
{
	: >/tmp/second.json
	pinsim --quiet "$@" >>/tmp/second.json 2>/tmp/second.err &
	other=$!
	wait_for 60 test -s /tmp/second.json
}

pintop --features >/tmp/features 2>/tmp/features.err
is $? 0 '--features: exit code'
note /tmp/features
ways /tmp/features
ok $? '--features: by fentry, but for what this kernel cannot'
grep -q '^interrupts  *told from tasks' /tmp/features
ok $? '--features: interrupts are told from tasks'
grep -q '^struct page ' /tmp/features
ok $? '--features: how struct page is read'

# --- processes ----------------------------------------------------------------------------------

pin old uring-anon --pages 211
ok $? 'pinsim pins before pintop begins' || return
old=$(get old main_pid)
live
shows "$old" pins 211 'pins from before: how many'
is "$(of_process live "$old" drivers.0)" '(before start)' 'pins from before: nobody saw the call'
is "$(of_process live "$old" longterm_pins)" 0 'pins from before: long-term is not known'
agrees 'pins from before'

second uring-memfd --pages 1009
ok $? 'pinsim pins meanwhile'
shows $other pins 1009 'a new owner: how many'
is "$(of_process live $other longterm_pins)" 1009 'a new owner: all long-term'
is "$(of_process live $other shortterm_pins)" 0 'a new owner: none short'
is "$(of_process live $other drivers.0)" io_uring 'a new owner: its driver'
is "$(of_process live $other exited)" false 'a new owner: is there'
is "$(of_process live $other acquired)" 1009 'a new owner: acquired'
has '^processes\.[0-9]+\.oldest_seconds=[0-9]'
ok $? 'a new owner: how long already'
agrees 'a new owner'
kill -TERM $other
wait $other
shows $other pins '' 'it has gone, and its pins'

second pvm --for 60
ok $? 'short pins'
# They are those of the process whose memory it is, which need not be the one that asks.
wait_for 20 has '^processes\.[0-9]+\.drivers\.0=process_vm$'
ok $? 'short pins: their driver' || note /tmp/live
at=$(sed -n 's/^\(processes\.[0-9]*\)\.drivers\.0=process_vm$/\1/p' /tmp/live)
get live "$at.pins_per_second" | grep -q '^[1-9]'
ok $? 'short pins: so many a second'
kill -TERM $other
wait $other

# The ring is with another process then, the one that has pinned is no more.
unpin old
pin old uring-anon --pages 503 --pass-ring
ok $? 'the owner exits, and its ring is kept by another'
wait_for 20 exited_with 503
ok $? 'an owner that has exited is marked, and still has its pins' || note /tmp/live
agrees 'an owner that has exited'
stops 0

# --- drivers and sites --------------------------------------------------------------------------

live --view site
second uring-anon --pages 307
wait_for 20 has '^sites\.[0-9]+\.longterm_pins=307$'
ok $? 'the site of new pins' || note /tmp/live
at=$(sed -n 's/^\(sites\.[0-9]*\)\.longterm_pins=307$/\1/p' /tmp/live)
is "$(get live "$at.driver")" io_uring 'the site: its driver'
[ "$(list live "$at.frames" | wc -l)" -gt 3 ]
ok $? 'the site: its stack'
list live "$at.frames" | grep -q '^io_.*+0x'
ok $? 'the site: a function of the stack'
get live "$at.name" | grep -q '^io_.* < io_'
ok $? 'the site: a summary'
agrees 'view by site'
stops 0

pintop -b -n 2 -d 0.5 --view driver --driver '(before*' >/tmp/driver 2>/tmp/driver.err
is $? 0 'view by driver: exit code'
grep -qE '^\(before start\) +810 ' /tmp/driver
ok $? 'view by driver: all that was there before' || note /tmp/driver
case $(by_kprobe) in
'') by='[0-9]+ by fentry' ;;
*) by='[0-9]+ by fentry, 1 by kprobe' ;;
esac
grep -qE "^Events +$by; lost 0; missed runs [0-9]+" /tmp/driver
ok $? 'batch: how calls are seen'
grep -qE '^In flight 810 \(diff 0\)$' /tmp/driver
ok $? 'batch: no difference' || note /tmp/driver
kill -TERM $other
wait $other
unpin old

# --- two drivers that pin the same pages --------------------------------------------------------

live
# Releases tell their driver once their code has been named: the first one's may be taken for another's.
second twice
ok $? 'two drivers pin the same pages'
shows $other pins 509 'two drivers, one lets go: what is left'
kill -TERM $other
wait $other
second twice
ok $? 'once more'
shows $other pins 509 'once more, one lets go'
is "$(of_process live $other drivers.0)" io_uring \
	'two drivers: it is the other one that holds what is left'
is "$(of_process live $other released)" 509 'two drivers: as much was released'
agrees 'two drivers'
kill -TERM $other
wait $other
stops 0

# --- a ledger without room for so many owners ---------------------------------------------------

pintop -b -d 1 --ledger-memory 64K >/tmp/lost 2>/tmp/lost.err &
pintop=$!
wait_for 60 test -s /tmp/lost
second uring-memfd --pages 3 --share 61
ok $? 'more owners than there is room for' || note /tmp/second.err
wait_for 20 grep -q '^Lost ' /tmp/lost
ok $? 'the header says what was lost'
kill -TERM $pintop
wait $pintop
is $? 4 'lost: exit code'
grep -qE '^pintop: lost: [1-9][0-9]* pins stand under \(others\)' /tmp/lost.err
ok $? 'lost: one line says what' || note /tmp/lost.err
grep -q -e '--ledger-memory gives it more room' /tmp/lost
ok $? 'lost: a note says what to do'
grep -qE '^In flight [0-9]+ \(diff 0\)$' /tmp/lost
ok $? 'lost: owners, no pins'
kill -TERM $other
wait $other

# --- a ledger without room for so many pages ----------------------------------------------------

# Of 64K some 500 blocks of 64 pages.
pintop -b -d 1 --ledger-memory 64K >/tmp/lost 2>/tmp/lost.err &
pintop=$!
wait_for 60 test -s /tmp/lost
second uring-anon --pages 50021
ok $? 'more pages than there is room for' || note /tmp/second.err
wait_for 20 grep -q '^In flight 50021 (diff 0)$' /tmp/lost
ok $? 'room: the total is right all the same' || note /tmp/lost
kill -TERM $other
wait $other
wait_for 20 sh -c 'tail -n 20 /tmp/lost | grep -q "^In flight 0 (diff 0)$"'
ok $? 'room: and when all is given back'
kill -TERM $pintop
wait $pintop
is $? 4 'room: exit code'
grep -qE '^pintop: lost: [1-9][0-9]* pins had no room in the ledger' /tmp/lost.err
ok $? 'room: one line says what' || note /tmp/lost.err

# --- memory that has to leave ZONE_MOVABLE ------------------------------------------------------

if movable_zone; then
	live
	second uring-anon --pages 4099
	wait_for 20 has '^notes\.[0-9]+=[0-9]+ pins were taken and given back inside pin calls: memory had to leave ZONE_MOVABLE'
	ok $? 'pins out of ZONE_MOVABLE: a note says what the raw counters have more' || note /tmp/live
	is "$(get live live.retried)" 4099 'pins out of ZONE_MOVABLE: each of them once more'
	agrees 'pins out of ZONE_MOVABLE'
	kill -TERM $other
	wait $other
	stops 0
fi

# --- on a terminal ------------------------------------------------------------------------------

echo 'uring-anon --pages 1009' | exact --screen
