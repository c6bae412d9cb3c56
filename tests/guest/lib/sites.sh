# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash disable=SC2154,SC2254,SC3043 # "local"; except and drift; a pattern
# Every place where the kernel pins: what pinsim expects there, what the kernel counts, and what
# pinscan finds. Scenarios that the word except= on the kernel's command line matches are left out.

# sites_start: before the first scenario.
sites_start()
{
	scan scan || return
	base_pins=$(get scan total.pins)
	base_bytes=$(get scan total.pinned_bytes)
	drift=$(($(get scan kernel.in_flight) - base_pins))
	is "$drift" 0 'before: total.pins is what the kernel counts'
}

# scenarios NAME: all kinds of memory of a subsystem.
scenarios()
{
	pinsim --list | awk -v name="$1-" 'index($1, name) == 1 { print $1 }'
}

excepted()
{
	case $1 in
	${except:-none}) ;;
	*) return 1 ;;
	esac
}

# counted NAME: the kernel's counters moved as expected, or both of them by as much more.
counted()
{
	local acquired released
	is "$(get sim observed_pins)" $(($(get sim expected_pins) + $(get sim drift))) \
		"$1: the kernel counts what is expected"
	acquired=$(($(get sim observed_acquired) - $(get sim expected_acquired)))
	released=$(($(get sim observed_released) - $(get sim expected_released)))
	is "$released" "$acquired" "$1: and as much more acquired as released ($acquired)"
	ok "$([ "$acquired" -ge 0 ]; echo $?)" "$1: and not less than expected"
}

# found NAME PINS BYTES: by pinscan, in the whole machine.
found()
{
	scan scan || return
	is "$(get scan total.pins)" $((base_pins + $2)) "$1: total.pins"
	is "$(get scan total.pinned_bytes)" $((base_bytes + $3)) "$1: total.pinned_bytes"
	is "$(get scan kernel.in_flight)" $((base_pins + drift + $2)) "$1: kernel.in_flight"
}

# held SCENARIO [OPTION]...
held()
{
	local pins owner
	! excepted "$1" || return 0
	pin sim "$@"
	ok $? "$*: pinsim pins" || return
	pins=$(get sim expected_pins)
	echo "# $*: $pins pins, $(get sim driver)"
	counted "$*"
	found "$*" "$pins" "$(get sim expected_bytes)"
	if [ "$pins" != 0 ] && [ "$(get sim mapped)" = true ]; then
		owner=$(get sim owner)
		is "$(of_process scan "$owner" pins)" "$pins" "$*: pins of its process"
	fi
	unpin sim
	ok $? "$*: pinsim ends"
}

# in_flight: what the kernel counts, now.
in_flight()
{
	echo 1 2>/dev/null >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
	     END { print n }' /proc/vmstat
}

# left_behind STATUS SCENARIO OPTION...: pinsim ends, and gives nothing back; the kernel does.
left_behind()
{
	local status=$1 tries=100
	shift
	! excepted "$1" || return 0
	pinsim --quiet --hold 0 "$@" >/tmp/sim.lines 2>/tmp/pinsim.err
	is $? "$status" "$*: pinsim ends"
	note /tmp/pinsim.err
	head -n 1 /tmp/sim.lines >/tmp/sim.json
	flat sim
	counted "$*"
	while [ "$(in_flight)" != $((base_pins + drift)) ] && [ $((tries -= 1)) -gt 0 ]; do
		sleep 0.1
	done
	is "$(in_flight)" $((base_pins + drift)) "$*: no pin is left"
}

# fast SCENARIO [OPTION]...
fast()
{
	! excepted "$1" || return 0
	pinsim --quiet "$@" >/tmp/sim.json 2>/tmp/pinsim.err
	ok $? "$*: pinsim is done" || { note /tmp/pinsim.err; return; }
	flat sim
	is "$(get sim event)" 'done' "$*: says so"
	echo "# $*: $(get sim acquired) acquired and $(get sim released) released per call"
	counted "$*"
	drift=$((drift + $(get sim drift)))
}

# all_held NAME [OPTION]..., all_fast NAME [OPTION]...: with each kind of memory.
all_held()
{
	local scenario name=$1
	shift
	for scenario in $(scenarios "$name"); do
		held "$scenario" "$@"
	done
}

all_fast()
{
	local scenario name=$1
	shift
	for scenario in $(scenarios "$name"); do
		fast "$scenario" "$@"
	done
}

# nothing_left NAME: at the end of a test.
nothing_left()
{
	found "$1: over" 0 0
}
