# SPDX-License-Identifier: GPL-2.0
# needs: pinlab devices=ext4 time=300
# Each op of pinlab moves the kernel's counters and the pages' own as it says, what is wrong stays
# until it is repaired, and then nothing is left.

# in_flight: by the kernel's counters. Not pinscan's word for it, which never is negative.
in_flight()
{
	echo 1 >/proc/sys/vm/stat_refresh
	awk '/^nr_foll_pin_acquired/ { n += $2 } /^nr_foll_pin_released/ { n -= $2 } END { print n }' \
		/proc/vmstat
}

# seen: by the pages.
seen()
{
	scan scan && get scan total.pins
}

# moved NAME PINS SEEN: both, since the beginning.
moved()
{
	is "$(($(in_flight) - base_pins))" "$2" "$1: the kernel counts $2"
	is "$(($(seen) - base_seen))" "$3" "$1: the pages show $3"
}

# start OP [OPTION]...: returns once pinlab holds; its status when it does not.
start()
{
	rm -f /tmp/lab.pipe
	mkfifo /tmp/lab.pipe
	pinlab "$@" --hold >/tmp/lab.pipe 2>/tmp/lab.err &
	lab=$!
	exec 3</tmp/lab.pipe
	if read -t 60 -r line <&3; then
		echo "$line" >/tmp/lab.json
		flat lab && return
	fi
	exec 3<&-
	wait $lab
}

# try PINS SEEN LEFT OP [OPTION]...: LEFT is yes when all of it stays after the end.
try()
{
	local pins=$1 on_pages=$2 left=$3
	shift 3
	start "$@"
	ok $? "$*: pinlab does it" || { note /tmp/lab.err; return; }
	is "$(get lab pins) $(get lab seen)" "$pins $on_pages" "$*: what it says"
	moved "$*" "$pins" "$on_pages"
	kill -TERM $lab
	exec 3<&-
	wait $lab
	if [ "$left" = yes ]; then
		moved "$* (over)" "$pins" "$on_pages"
		is "$(pinlab repair)" '{"event":"repaired","repaired":1}' "$*: is to be repaired"
	fi
	moved "$* (after all)" 0 0
}

# right OP [OPTION]...: what is held ends with the process, in each way.
right()
{
	try 13 13 no "$@" --pages 13
}

# charged PIN LOCK OP [OPTION]...: kB of VmPin and VmLck while it holds 13 pages.
charged()
{
	local pin=$1 lock=$2
	shift 2
	start "$@" --pages 13
	is "$(awk '/^Vm(Lck|Pin):/ { print $2 }' "/proc/$(get lab pid)/status" | tr '\n' ' ')" \
		"$lock $pin " "$*: VmLck and VmPin"
	kill -TERM $lab
	exec 3<&-
	wait $lab
}

mount_disk ext4
ok $? 'a file system' || return
base_pins=$(in_flight)
base_seen=$(seen)
is "$base_pins $base_seen" '0 0' 'nothing is pinned before'

right hold
right hold --locked --release close
right hold --memory memfd --release exit
right hold --memory file=/mnt/ext4/read --read
try 1021 1021 no fast --memory thp --pages 1021
right remote
try 1021 1021 no range --memory thp --pages 1021
right range
try 0 0 no short
try 0 0 no short --memory file=/mnt/ext4/short
try 0 0 no error
try 0 0 no partial-undone --pages 13
if grep -q ' memfd_pin_folios$' /proc/kallsyms; then
	right folios
else
	start folios
	is $? 77 'folios: is not to be had on this kernel'
fi

try 13 13 yes leak
try 1021 1021 yes leak --memory thp --pages 1021
try 13 13 yes leak-on-error --memory memfd
right hold-short
try -13 0 yes over-unpin
try 13 0 yes put-page
try -13 0 yes get-unpin
try -7 0 yes over-unpin --memory thp --pages 7
try 7 0 yes put-page --memory thp --pages 7
try -7 0 yes get-unpin --memory thp --pages 7
right unaccounted
try 13 13 yes failed-left
try 6 6 yes partial --pages 13
try 0 0 yes not-dirtied --memory file=/mnt/ext4/lost

if [ "$(awk '/zone +Movable/ { m = 1 } m && /managed/ { print $2; exit }' /proc/zoneinfo)" -gt 0 ]; then
	right movable
	start movable
	pinscan -j --by zone >/tmp/zones.json && flat zones
	ok "$(grep -q 'node. Movable' /tmp/zones; echo $?)" 'movable: it lies in ZONE_MOVABLE'
	kill -TERM $lab
	exec 3<&-
	wait $lab
else
	start movable
	is $? 77 'movable: is not to be had without ZONE_MOVABLE'
fi

charged 52 0 hold
charged 0 52 fast --locked
charged 0 0 unaccounted

pinlab not-dirtied 2>/tmp/lab.err
is $? 1 'not-dirtied: wants a file'
pinlab no-such-op 2>/tmp/lab.err
is "$? $(cat /tmp/lab.err)" "1 pinlab: no op 'no-such-op' (--list)" 'an op that is not there'
rmmod pinlab && modprobe pinlab
ok $? 'the module can be unloaded'
