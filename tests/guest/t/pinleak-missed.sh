# SPDX-License-Identifier: GPL-2.0
# needs: time=200
# Pin calls of a command that pinleak could not see: it finds the pins in memory and knows not whose
# they are, so it vouches for nothing. The kernel calls no program while its probes are switched off.

# leak STATUS NAME [OPTION]...: pinleak, whose output stands in /tmp/out and /tmp/err
leak()
{
	local want=$1 name=$2
	shift 2
	pinleak "$@" >/tmp/out 2>/tmp/err </dev/null
	is $? "$want" "$name: exit code" || { note /tmp/out; note /tmp/err; }
}

# Since v7.x it is always on.
if ! { echo 0 && echo 1; } 2>/dev/null >/proc/sys/kernel/ftrace_enabled; then
	skip 'missed calls' 'this kernel calls traced functions whatever it is told'
	return
fi

# What pins and is gone, while another process keeps what it has pinned.
cat >/tmp/unseen <<'END'
probes()
{
	echo $1 >/proc/sys/kernel/ftrace_enabled
	echo $1 >/sys/kernel/debug/kprobes/enabled
}
probes 0
pinsim --quiet uring-anon --pages 503 --pass-ring >/tmp/left.json 2>/tmp/left.err &
tries=300
until [ -s /tmp/left.json ] || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
probes 1
exit "$1"
END

# forget: what /tmp/unseen left
forget()
{
	kill "$(sed 's/.*"main_pid":\([0-9]*\).*/\1/' /tmp/left.json)"
	rm /tmp/left.json
	sleep 1
}

leak 4 'a missed call' --exit-code -- sh /tmp/unseen 0
grep -qE '^pinleak: ' /tmp/err
ok $? 'a missed call: says so' || { note /tmp/out; note /tmp/err; }
forget
leak 7 'a missed call of a command that fails' --exit-code -- sh /tmp/unseen 7
forget
