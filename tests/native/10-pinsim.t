#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# pinsim is what the other tests believe, so here it is held against the kernel's counters, read by
# someone else: for every scenario and option, expected = observed = change of the pins in flight.

cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
PINSIM=$(realpath "${PINSIM:-build/tests/pinsim}")
TMP=$(mktemp -d)
HUGE=/proc/sys/vm/nr_hugepages
HUGE_WAS=$(cat "$HUGE" 2>/dev/null)
SIM=

cleanup()
{
	[ -z "$SIM" ] || kill -KILL "$SIM" 2>/dev/null
	[ -z "$HUGE_WAS" ] || echo "$HUGE_WAS" >"$HUGE"
	rm -rf "$TMP"
}
trap cleanup EXIT
# What is killed here is killed on purpose: bash need not say so.
exec 2> >(grep -v '^tests/native.* Killed  ' >&2)

# The kernel's own number, folded. The write may fail for another counter that is below zero.
in_flight()
{
	echo 1 2>/dev/null >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
	     END { print n }' /proc/vmstat
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

said_or_gone()
{
	[ -s "$TMP/out" ] || ! kill -0 "$SIM" 2>/dev/null
}

gone()
{
	! kill -0 "$1" 2>/dev/null
}

in_flight_is()
{
	[ "$(in_flight)" -eq "$1" ]
}

# sim ARGS...: in a session of its own, so that whatever it leaves behind can be found
sim()
{
	BEFORE=$(in_flight)
	: >"$TMP/out"
	setsid "$PINSIM" "$@" >"$TMP/out" 2>"$TMP/err" &
	SIM=$!
	wait_for 120 said_or_gone
	[ -s "$TMP/out" ] && return
	wait "$SIM"
	RC=$?
	return 1
}

# get EXPRESSION [LINE]: d is that line of what was said
get()
{
	sed -n "${2:-1}p" "$TMP/out" |
		/usr/bin/python3 -ISc '
import json, sys
d = json.loads(sys.stdin.read())
print(eval(sys.argv[1]))' "$1"
}

# Processes of its session, zombies of ours not counted
left_behind()
{
	cat /proc/[0-9]*/stat 2>/dev/null |
		sed 's/^\([0-9]*\) (.*) /\1 /' | awk -v s="$SIM" '$5 == s && $2 != "Z" { print $1 }'
}

nothing_left()
{
	[ -z "$(left_behind)" ]
}

# finish NAME: afterwards nobody is left, and no pin
finish()
{
	wait_for 10 nothing_left
	is "$(left_behind)" "" "$1: no process is left"
	wait_for 10 in_flight_is "$BEFORE"
	is "$(in_flight)" "$BEFORE" "$1: no pin is left"
	SIM=
}

# start PINS BYTES ARGS...: pins there are, and what else the kernel must agree with.
# A number may be an expression of the JSON line.
start()
{
	local pins=$1 bytes=$2 want

	shift 2
	NAME="$*"
	if ! sim "$@"; then
		if [ "$RC" -eq 77 ]; then
			skip "$NAME" "$(head -1 "$TMP/err")"
		else
			ok 1 "$NAME"
			sed 's/^/# /' "$TMP/err"
		fi
		SIM=
		return 1
	fi
	is "$(get 'd["event"], d["main_pid"]')" "('pinned', $SIM)" "$NAME: says so"
	is "$(get 'd["observed_pins"]')" "$(get 'd["expected_pins"]')" "$NAME: expected = observed"
	# Somebody else's pins may be in the count for a moment.
	want=$(get 'd["expected_pins"]')
	wait_for 5 in_flight_is $((BEFORE + want))
	is "$(($(in_flight) - BEFORE))" "$want" "$NAME: expected = in flight"
	[ -z "$pins" ] || is "$(get 'd["expected_pins"]')" "$(get "$pins")" "$NAME: pins"
	[ -z "$bytes" ] || is "$(get 'd["expected_bytes"]')" "$(get "$bytes")" "$NAME: bytes"
}

# stop: SIGTERM, and the second line
stop()
{
	kill -TERM "$SIM"
	wait "$SIM"
	is "$?" 0 "$NAME: exit status"
	is "$(get 'd["event"], d["remaining_pins"]' 2)" "('released', 0)" "$NAME: says it released"
	is "$(get '(d.get("began_ns") or 0) <= (d.get("taken_ns") or 0)') $(get \
		'(d["dropping_ns"] or 0) <= d["released_ns"]' 2)" 'True True' "$NAME: its clock"
	finish "$NAME"
}

# try PINS BYTES ARGS...
try()
{
	start "$@" && stop
}

# One pin per page or, where the kernel knows how to, per folio; nothing between.
one_of()
{
	local pins

	pins=$(get 'd["expected_pins"]')
	[ "$pins" -eq "$(get 'd["folios"]')" ] || [ "$pins" -eq "$(get 'd["pages"]')" ]
	ok $? "$NAME: one pin per folio or per page ($pins)"
}

all_alive()
{
	get '" ".join(map(str, d["'"$1"'"]))' | xargs -r kill -0
}

# mapped_by PID: does it map the memory at that address?
mapped_by()
{
	get 'd["address"][2:] + "-"' | grep -qf - "/proc/$1/maps"
}

many_left()
{
	[ "$(left_behind | wc -l)" -gt 100 ]
}

# has_file PID NAME: does it have such a file open?
has_file()
{
	readlink "/proc/$1"/fd/* | grep -q "$2"
}

state_of()
{
	sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f1
}

usage()
{
	local want=$1

	shift
	"$PINSIM" "$@" >"$TMP/out" 2>"$TMP/err"
	is "$?" 1 "usage: pinsim $*"
	like "$(cat "$TMP/err")" "$want" "usage: pinsim $*: says why"
	is "$(cat "$TMP/out")" "" "usage: pinsim $*: nothing on stdout"
}

if [ ! -x "$PINSIM" ]; then
	echo "Bail out! no $PINSIM: make workloads"
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	skip "pinsim" "needs root for /proc/sys/vm/stat_refresh"
	done_testing
	exit
fi

# --- the command line -------------------------------------------------------------------------

like "$("$PINSIM" --help)" '--pass-ring' "--help shows the options"
like "$("$PINSIM" -h)" '^uring-memfd ' "-h shows the scenarios"
is "$("$PINSIM" -l | wc -l)" "$("$PINSIM" --list | awk '{ print $1 }' | sort -u | wc -l)" \
	"-l: each scenario once"
usage 'name one scenario'
usage 'no scenario' nonesuch
usage 'name one scenario' uring-anon uring-thp
usage 'unrecognized option' uring-anon --nonesuch
usage 'bad number' uring-anon --pages 0
usage 'bad number' uring-anon --pages 3x
usage 'bad number' uring-anon --hold nan
usage 'bad size' uring-anon --size 4Q
usage 'bad size' uring-anon --size -1
usage 'not both' uring-anon --size 4M --pages 3
usage 'knows no --close' uring-anon --close
usage 'knows no --procs' uring-memfd --procs 3
usage 'unregister or close' uring-anon --release maybe
usage 'goes with none of' uring-anon --pass-ring --thread
usage 'needs --file' odirect
usage 'needs --file' aioread
usage 'bad number' pvmread --times 0
usage 'knows no --times' churn --times 2
usage 'knows no --abort' pvmread --abort
usage 'not both' uring-anon --start-at-eof --hold-until-eof
usage 'goes with none of' uring-anon --pass-ring --times 2

# --- kinds of memory --------------------------------------------------------------------------

PAGE=$(getconf PAGESIZE)
try 1009 "1009 * $PAGE" uring-anon
try 1 "$PAGE" uring-anon --pages 1
try 2557 "2557 * $PAGE" uring-anon --pages 2557 --release close
try 'd["pages"]' "16 << 20" uring-anon --size 16M
start "" 'd["length"]' uring-thp --size 8M && {
	one_of
	is "$(get 'd["folio_bytes"] * d["folios"]')" $((8 << 20)) "$NAME: all of it huge"
	is "$(get 'd["kind"]')" thp "$NAME: kind"
	stop
}
start "" 'd["length"]' uring-thp --pages 13 --unmap && one_of && stop
start "" 'd["folio_bytes"]' uring-partial-thp && {
	one_of
	is "$(get 'd["pages"], d["folios"]')" "(3, 1)" "$NAME: three pages of one folio"
	stop
}
start "" 'd["folio_bytes"]' uring-partial-thp --pages 1 && stop
start "" '2 * d["folio_bytes"]' uring-partial-thp --pages 719 && one_of && stop
try 1009 "1009 * $PAGE" uring-memfd

echo 40 >"$HUGE" 2>/dev/null
for s in uring-hugetlb uring-memfd-hugetlb; do
	start "" 'd["length"]' $s && {
		one_of
		is "$(get 'd["kind"], d["folios"]')" "('hugetlb', 7)" "$NAME: seven huge pages"
		stop
	}
	start "" 'd["length"]' $s --pages 11 --unmap && one_of && stop
done
start "" 'd["length"]' uring-memfd-hugetlb --share 3 && {
	is "$(get 'd["expected_pins"] % 3, len(d["pids"])')" "(0, 3)" "$NAME: thrice"
	stop
}
echo "$HUGE_WAS" >"$HUGE"

start "" "" uring-hugetlb --reserve-hugepages && stop
is "$(cat "$HUGE")" "$HUGE_WAS" "--reserve-hugepages puts back what it found"
if [ "$HUGE_WAS" = 0 ]; then
	"$PINSIM" uring-hugetlb 2>"$TMP/err"
	is "$?" 77 "no huge pages: exit status 77"
	like "$(cat "$TMP/err")" 'cannot be had here: .*nr_hugepages' "no huge pages: says why"
fi

# More than one buffer: a buffer is 1 GiB at most.
if [ "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" -gt 3000000 ]; then
	try 262147 "262147 * $PAGE" uring-anon --pages 262147
	start "" 'd["length"]' uring-thp --size 1026M && one_of && stop
fi

# --- who maps, who pins, who holds ------------------------------------------------------------

start 1009 "1009 * $PAGE" uring-anon --unmap && {
	mapped_by "$SIM"
	is "$?" 1 "$NAME: is not mapped"
	is "$(get 'd["mapped"], d["holders"]')" "(False, [$SIM])" "$NAME: held, not mapped"
	stop
}
start 1009 "1009 * $PAGE" uring-memfd --unmap --close --name 'my "ram"' && {
	is "$(get 'd["name"]')" 'my "ram"' "$NAME: name"
	has_file "$SIM" memfd
	is "$?" 1 "$NAME: the memfd is closed"
	stop
}
start 1009 "1009 * $PAGE" uring-memfd --name ram-7 && {
	mapped_by "$SIM"
	ok $? "$NAME: is mapped at that address"
	like "$(cat "/proc/$SIM/maps")" '/memfd:ram-7 ' "$NAME: by that name"
	stop
}
start '3 * 1009' "1009 * $PAGE" uring-memfd --share 3 && {
	is "$(get 'len(set(d["pids"])), d["pids"] == d["holders"]')" "(3, True)" "$NAME: three pin"
	all_alive pids
	ok $? "$NAME: all alive"
	stop
}
try '3 * 503' "503 * $PAGE" uring-memfd --share 3 --pages 503 --unmap --close
start 1009 "1009 * $PAGE" uring-memfd --map-only 5 && {
	is "$(get 'len(d["map_only"]), d["holders"]')" "(5, [$SIM])" "$NAME: five map, one holds"
	mapped_by "$(get 'd["map_only"][4]')"
	ok $? "$NAME: the last one maps it"
	stop
}
for s in uring-anon uring-memfd uring-thp; do
	start "" 'd["length"]' $s --fork 3 && {
		is "$(get 'len(d["forked"]), d["holders"]')" "(3, [$SIM])" "$NAME: three, one holds"
		mapped_by "$(get 'd["forked"][0]')"
		ok $? "$NAME: a child maps that address"
		has_file "$(get 'd["forked"][0]')" io_uring
		is "$?" 1 "$NAME: a child has no ring"
		stop
	}
done
try '2 * 101' "101 * $PAGE" uring-memfd --share 2 --map-only 3 --fork 2 --pages 101

for s in uring-anon uring-memfd uring-thp; do
	start "" 'd["length"]' $s --pass-ring && {
		is "$(get 'len(d["holders"]), d["mapped"]')" "(1, False)" "$NAME: one holder"
		like "$s" "uring-$(get 'd["kind"].replace("shmem", "memfd")')" "$NAME: kind"
		gone "$(get 'd["tgid"]')"
		ok $? "$NAME: who pinned has exited"
		all_alive holders
		ok $? "$NAME: the holder is alive"
		has_file "$(get 'd["holders"][0]')" io_uring
		ok $? "$NAME: the holder has the ring"
		has_file "$SIM" io_uring
		is "$?" 1 "$NAME: nobody else has it"
		like "$(get 'd["passed_by"]')" '^(SCM_RIGHTS|pidfd_getfd)$' "$NAME: how"
		stop
	}
done

start 1009 "1009 * $PAGE" uring-anon --thread && {
	is "$(state_of "$SIM")" Z "$NAME: the main thread is a zombie"
	is "$(get 'd["pid"] != d["tgid"], d["tgid"]')" "(True, $SIM)" "$NAME: another thread pinned"
	stop
}
start '2 * 1009' "1009 * $PAGE" uring-memfd --thread --share 2 --fork 2 && {
	all_alive forked
	ok $? "$NAME: children outlive the main thread"
	stop
}

# --- ends -------------------------------------------------------------------------------------

# ends STATUS ARGS...: without being told to
ends()
{
	local want=$1

	shift
	NAME="$*"
	sim "$@"
	wait "$SIM" 2>/dev/null
	is "$?" "$want" "$NAME: exit status"
	like "$(head -1 "$TMP/out")" '"event":"pinned"' "$NAME: has pinned"
	is "$(wc -l <"$TMP/out")" "$((want ? 1 : 2))" "$NAME: lines"
	finish "$NAME"
}

ends 0 uring-anon --hold 0
ends 0 uring-memfd --hold 0 --times 3
ends 0 uring-memfd --hold 0.1 -q --fork 1
ends 0 uring-anon --hold-until-eof </dev/null
ends 137 uring-anon --abort
ends 137 uring-memfd --share 3 --map-only 2 --fork 2 --die-after 0.1
ends 137 uring-anon --pass-ring --die-after 0.1
ends 137 uring-thp --unmap --abort
ends 137 uring-anon --thread --fork 2 --abort

# killed from outside, with children of every sort
for args in 'uring-memfd --share 3 --map-only 2 --fork 2' 'uring-anon --pass-ring' \
	'uring-memfd --thread --fork 2' 'churn --procs 20' 'mappers --procs 50' 'pvm'; do
	# shellcheck disable=SC2086 # words
	sim $args
	[ "$args" = pvm ] || [ -n "$(left_behind)" ]
	kill -KILL "$SIM"
	wait "$SIM" 2>/dev/null
	finish "SIGKILL: $args"
done

sim uring-anon
kill -INT "$SIM"
wait "$SIM"
is "$?" 0 "SIGINT: exit status"
finish "SIGINT"

# What it leaves to the kernel it cannot say that it released.
for s in uring-anon xdp-anon udmabuf-memfd; do
	start "" 'd["length"]' $s --release exit && {
		kill -TERM "$SIM"
		wait "$SIM"
		is "$?" 0 "$NAME: exit status"
		is "$(wc -l <"$TMP/out")" 1 "$NAME: lines"
		finish "$NAME"
	}
done

# --- other places that pin --------------------------------------------------------------------

# The counters move as expected, or both of them by as much more: memory that had to move first.
counted()
{
	is "$(get 'd["observed_pins"] == d["expected_pins"] + d["drift"]' "${1-}")" True \
		"$NAME: in flight as expected"
	is "$(get '(d["observed_acquired"] - d["expected_acquired"] ==
		d["observed_released"] - d["expected_released"] >= 0)' "${1-}")" True \
		"$NAME: counted as expected"
}

for s in xdp-anon xdp-thp udmabuf-memfd pbufring-anon pbufring-partial-thp nommap-anon; do
	start "" "" $s && {
		counted
		is "$(get 'd["longterm"], d["owner"]')" "(True, $SIM)" "$NAME: owner"
		stop
	}
done
start 127 "127 * $PAGE" xdp-anon --times 7 && {
	counted
	is "$(get 'd["repeat"], d["acquired"], d["driver"]')" "(7, 127, 'af_xdp')" "$NAME: calls"
	stop
}
start 127 "127 * $PAGE" xdp-memfd --pass-ring && {
	gone "$(get 'd["owner"]')"
	ok $? "$NAME: its owner has exited"
	stop
}
try 0 0 vmsplice-anon
try 0 0 zerocopy-memfd

# called ARGS...: pins and unpins within its calls, and says what was counted
called()
{
	local rc

	NAME="$*"
	BEFORE=$(in_flight)
	"$PINSIM" "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	rc=$?
	if [ "$rc" -eq 77 ]; then
		skip "$NAME" "$(head -1 "$TMP/err")"
		return 1
	fi
	is "$rc" 0 "$NAME: exit status"
	[ "$rc" -eq 0 ] || return
	counted "$(wc -l <"$TMP/out")"
	BEFORE=$((BEFORE + $(get 'd["drift"]' "$(wc -l <"$TMP/out")")))
	wait_for 5 in_flight_is "$BEFORE"
	is "$(in_flight)" "$BEFORE" "$NAME: no pin is left"
}

for s in pvmread-anon pvmread-thp pvmwrite-memfd pvmwrite-partial-thp pvmread-file alg-anon; do
	called $s --dir "$TMP" && is "$(get 'd["event"], d["expected_pins"], d["repeat"]')" \
		"('done', 0, 3)" "$NAME: says so"
done
called pvmread-anon --times 11 --pages 13 && {
	is "$(get 'd["repeat"], d["acquired"], d["released"]')" "(11, 13, 13)" "$NAME: per call"
	is "$(get 'd["driver"], d["longterm"]')" "('process_vm', False)" "$NAME: driver"
	is "$(get 'd["owner"] != d["tgid"]')" True "$NAME: another process's memory"
}
NAME='uring-memfd --among-others'
"$PINSIM" --quiet uring-memfd --pages 1009 --for 0.1 --among-others >"$TMP/out"
is $? 0 "$NAME: exit status"
is "$(get 'd["expected_pins"], d["observed_pins"]') $(get 'd["remaining_pins"]' 2)" '(1009, None) None' \
	"$NAME: what the kernel counts is not known"
called dioread-anon --dir "$TMP" && is "$(get 'd["driver"]')" direct-io "$NAME: driver"
called diowrite-thp --dir "$TMP"
called pvmread --start-at-eof && {
	is "$(get 'd["event"]') $(get 'd["event"]' 2)" "ready done" "$NAME: ready, then done"
}

# --- many processes, busy machines ------------------------------------------------------------

start 0 0 churn --procs 200 && {
	wait_for 10 many_left
	ok $? "$NAME: there are many"
	A=$(left_behind | sort)
	sleep 2
	[ "$(left_behind | sort | comm -12 <(echo "$A") - | wc -l)" -lt 170 ]
	ok $? "$NAME: two seconds later many are others"
	stop
	[ "$(get 'd["started"]' 2)" -gt 250 ]
	ok $? "$NAME: says how many came and went"
}
start 0 0 mappers --procs 2000 && {
	[ "$(get 'd["mapcount"]')" -gt 2000 ]
	ok $? "$NAME: mapped $(get 'd["mapcount"]') times"
	stop
}

# Pins come and go, none is held; nothing is asked about the number while it runs.
# Kernels before 6.5 take plain references for O_DIRECT: no pin at all is right as well.
busy()
{
	NAME="$*"
	if ! sim "$@"; then
		ok 1 "$NAME"
		sed 's/^/# /' "$TMP/err"
		SIM=
		return
	fi
	is "$(get 'd["expected_pins"], d["observed_pins"]')" "(0, None)" "$NAME: holds none"
	wait "$SIM"
	is "$?" 0 "$NAME: exit status"
	is "$(get 'd["calls"] > 0, d["acquired"] - d["released"]' 2)" "(True, 0)" \
		"$NAME: acquired = released"
	is "$(get "d['acquired'] == 0 or d['acquired'] >= d['bytes'] // $PAGE" 2)" True \
		"$NAME: a pin for each page that was read"
	finish "$NAME"
}

BEFORE=$(in_flight)
(cd "$TMP" && exec "$PINSIM" mixed --procs 4 --for 3) >"$TMP/out" 2>"$TMP/err"
is "$?" 0 "mixed: exit status"
is "$(get 'd["remaining_pins"], d["failed"], d["acquired"] - d["released"]' 2)" "(0, 0, 0)" \
	"mixed: acquired = released"
is "$(get 'd["done"] > 20 and d["killed"] > 5' 2)" True "mixed: much was done"
sim mixed --procs 3
kill -KILL "$SIM"
wait "$SIM" 2>/dev/null
finish "SIGKILL: mixed"

busy pvm --threads 2 --for 0.5
busy pvm --threads 1 --pages 7 --for 0.2
dd if=/dev/zero of="$TMP/file" bs=1M count=8 status=none
sync "$TMP/file"
if dd if="$TMP/file" of=/dev/null bs=1M iflag=direct status=none 2>/dev/null; then
	busy odirect --file "$TMP/file" --for 0.5
	busy odirect --file "$TMP/file" --threads 3 --pages 7 --for 0.2
else
	skip "odirect" "no O_DIRECT in $TMP"
fi
"$PINSIM" odirect --file /nonexistent --for 1 2>"$TMP/err"
is "$?" 77 "odirect: no such file"

# The answer stands while others pin and unpin all the time.
QUIET=$(in_flight)
setsid "$PINSIM" pvm --threads 1 --pages 31 >/dev/null &
NOISE=$!
sim uring-anon && {
	is "$(get 'd["expected_pins"]')" 1009 "on a busy machine: expected"
	kill "$SIM"
	wait "$SIM"
	is "$?" 0 "on a busy machine: exit status"
}
kill "$NOISE"
wait "$NOISE"
BEFORE=$QUIET
finish "on a busy machine"

done_testing
