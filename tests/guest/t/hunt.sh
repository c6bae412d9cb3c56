# SPDX-License-Identifier: GPL-2.0
# needs: pinlab time=450
# The steps of docs/hunt.md: a driver leaks on an error path, pintop shows it, pinleak names the
# line, and with the fix pinleak has nothing to say.

# hunt STATUS COMMAND: as it stands in the page; what it says stands in /tmp/out.
hunt()
{
	sh -c "$2" >/tmp/out 2>&1 </dev/null
	is $? "$1" "$2: exit code" || note /tmp/out
}

# said REGEX NAME
said()
{
	grep -qE -e "$1" /tmp/out
	ok $? "$2" || note /tmp/out
}

# wait_for COMMAND...: a minute at most
wait_for()
{
	local tries=300
	until "$@" || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 0.2
	done
	[ $tries -gt 0 ]
}

# --- something is wrong: pintop -------------------------------------------------------------------

: >/tmp/top
pintop -b >>/tmp/top 2>&1 &
top=$!
wait_for grep -q '^ *PID' /tmp/top
for run in 1 2 3; do
	hunt 0 'pinlab leak-on-error --pages 1021'
done
wait_for sh -c 'tail -n 12 /tmp/top | grep -c "(pinlab)" | grep -qx 3'
ok $? 'pintop: three processes that have exited hold pins' || note /tmp/top
kill -TERM $top
wait $top
cp /tmp/top /tmp/out
said '\(pinlab\).* 1021 ' 'pintop: how many'
said '\(pinlab\).* pinlab +-$' 'pintop: by which driver'

# --- where: pinleak -------------------------------------------------------------------------------

hunt 3 'pinleak --exit-code --user-stack -- pinlab leak-on-error --pages 1021'
said '^orphan +\([0-9]+\) .* pinlab +1021 +4\.0M +\+[0-9]+ .* long +pinlab$' 'pinleak: an orphan'
said '^ +pinlab_leak_on_error\+0x[0-9a-f]+/0x[0-9a-f]+ \[pinlab\] \(wrong\.c:[0-9]+\)$' 'pinleak: the line'
said '^ +[a-z_]+\+0x[0-9a-f]+ \(pinlab' 'pinleak: where in the program'
said '^pinleak: orphan: 1021 pins, 4\.0M, from 1 place$' 'pinleak: says so'

# --- call by call: pintrace -----------------------------------------------------------------------

hunt 0 'pintrace -k -- pinlab leak-on-error --pages 1021'
said 'pinlab +pin_user_pages_fast\(0x[0-9a-f]+, 1021, FOLL_WRITE\|FOLL_LONGTERM\) += 1021 <.*> +pinlab #1$' \
	'pintrace: the call'
said '^ +pinlab_leak_on_error\+0x' 'pintrace: from where'
said '^#1 \(pinlab, pinlab\) still holds 1021 pins, 4\.0M, after .*; its process has exited$' \
	'pintrace: what is never released'

# --- the fix --------------------------------------------------------------------------------------

hunt 0 'pinleak --exit-code -- pinlab error --pages 1021'
said ' 0 orphan, 0 growing, 0 old, 0 held, 0 expected$' 'the fix: nothing is held'
hunt 0 'pinlab repair'
