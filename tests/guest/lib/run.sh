# SPDX-License-Identifier: GPL-2.0
# Runs tests inside the guest, as /plan says: see host/needs.sh.

loaded=

# Faults and warnings leave a mark of their own, whatever the console shows (bits D and W).
untainted()
{
	local taint
	taint=$(cat /proc/sys/kernel/tainted)
	[ $((taint & (1 << 7 | 1 << 9))) = 0 ]
	ok $? "$1: no fault and no warning of the kernel"
}

# load MODULE: once, whoever asks.
load()
{
	case " $loaded " in
	*" $1 "*) return ;;
	esac
	loaded="$loaded $1"
	modprobe "$1"
	ok $? "module $1 loads"
}

# show_hang PGID: onto the console: what a process group that does not end is at, the first of it.
show_hang()
{
	local dir shown=0
	for dir in /proc/[0-9]*; do
		[ "$(sed 's/.*) //' "$dir/stat" 2>/dev/null | cut -d' ' -f3)" = "$1" ] || continue
		echo "hanging: pid ${dir#/proc/}: $(tr '\0' ' ' <"$dir/cmdline")"
		sed 's/^/  in /' "$dir/stack"
		shown=$((shown + 1))
		[ $shown -lt 10 ] || break
	done >/dev/console 2>&1
}

# run NAME: a test, in a session of its own, of which nothing is left when it is over.
run()
{
	local test=$1 seconds=120 verb what pid timer status
	[ -f "/t/$test.sh" ] || { echo "no test $test" >&2; return 1; }
	while read -r verb what; do
		case $verb in
		module) load "$what" ;;
		time) seconds=$what ;;
		skip) skip "$test" "$what"; return ;;
		esac
	done <"/plan/$test"
	rm -f /tmp/ended /tmp/late
	test=$test setsid sh -c '. /lib/tap.sh; . /lib/pins.sh; . /lib/devices.sh; . /lib/exact.sh; . /lib/ways.sh
		. /lib/audit.sh
		. "/t/$test.sh"
		status=$?; : >/tmp/ended; exit $status' &
	pid=$!
	setsid sh -c 'sleep "$1"; : >/tmp/late; . /lib/run.sh; show_hang "$2"; kill -KILL "-$2"' \
		sh "$seconds" $pid &
	timer=$!
	wait $pid
	status=$?
	kill -KILL -$timer -$pid 2>/dev/null
	[ ! -e /tmp/late ]
	ok $? "$test: takes no longer than $seconds s"
	[ -e /tmp/ended ] && [ $status = 0 ]
	ok $? "$test: runs to its end" || echo "# its status is $status"
}

run_all()
{
	local test module
	for module in $(cat /plan/modules); do
		load "$module"
	done
	untainted boot
	for test in $(cat /plan/tests); do
		echo "# $test: starts at $(cut -d' ' -f1 /proc/uptime) s"
		run "$test"
		untainted "$test"
	done
	echo "# ends at $(cut -d' ' -f1 /proc/uptime) s"
	# The host waits for this line and counts the others.
	echo "1..$(cat "$TAP_COUNT")"
}
