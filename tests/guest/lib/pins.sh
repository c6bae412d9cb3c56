# SPDX-License-Identifier: GPL-2.0
# Pins taken by pinsim, and what pinscan says of them.

# flat NAME: /tmp/NAME.json, as lines path=value, in /tmp/NAME.
flat()
{
	awk -f /lib/json.awk "/tmp/$1.json" >"/tmp/$1"
}

# get NAME PATH: the value at a path, from what flat made.
get()
{
	awk -v path="$2=" 'index($0, path) == 1 { print substr($0, length(path) + 1) }' "/tmp/$1"
}

# list NAME PATH: all values of an array.
list()
{
	sed -n "s/^$2\.[0-9]*=//p" "/tmp/$1"
}

# of_process NAME PID MEMBER: a member of the process with that PID.
of_process()
{
	awk -F= -v pid="$2" -v member="$3" '
		{ v[$1] = $2 }
		$1 ~ /^processes\.[0-9]+\.pid$/ && $2 == pid { split($1, at, ".") }
		END { print v["processes." at[2] "." member] }' "/tmp/$1"
}

# scan NAME: pinscan's answer, for get and of_process.
scan()
{
	pinscan -j >"/tmp/$1.json" 2>/tmp/pinscan.err && flat "$1" 2>>/tmp/pinscan.err && return
	ok 1 "$1: pinscan -j gives JSON"
	note /tmp/pinscan.err
	return 1
}

# pin NAME SCENARIO [OPTION]...: starts pinsim; returns once it holds, what it took being in NAME.
# 77 when this kernel has nothing of the kind. On the CPUs of $cpus, if that is set.
pin()
{
	local name=$1 rc
	shift
	rm -f /tmp/pinsim.pipe
	mkfifo /tmp/pinsim.pipe
	${cpus:+taskset -c "$cpus"} pinsim --quiet "$@" >/tmp/pinsim.pipe 2>/tmp/pinsim.err &
	sim=$!
	exec 3</tmp/pinsim.pipe
	if read -t 60 -r line <&3; then
		echo "$line" >"/tmp/$name.json"
		flat "$name" && [ "$(get "$name" event)" = pinned ] && return
	fi
	exec 3<&-
	kill -KILL $sim 2>/dev/null
	wait $sim
	rc=$?
	note /tmp/pinsim.err
	return $rc
}

# unpin NAME: ends it.
unpin()
{
	kill -TERM "$(get "$1" main_pid)"
	read -t 60 -r line <&3
	exec 3<&-
	wait $sim
}
