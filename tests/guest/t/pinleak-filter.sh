# SPDX-License-Identifier: GPL-2.0
# needs: pinlab time=400
# pinleak's filters, by the exact rows that are left: of pins that were there before, and of those of
# a command, whose drivers are known.

# hold NAME COMMAND...: what pins and holds; returns once it has said so in /tmp/NAME.
hold()
{
	local name=$1 tries=600
	shift
	rm -f "/tmp/$name"
	"$@" >"/tmp/$name" &
	echo $! >"/tmp/$name.pid"
	until [ -s "/tmp/$name" ] || [ $tries = 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
}

# Four that hold, of three names, two users and two drivers.
cat >/tmp/four <<'END'
hold mine pinsim --quiet uring-anon --pages 101
hold other /tmp/otherpin --quiet uring-memfd --pages 307
hold user su pinner -c 'exec pinsim --quiet uring-anon --pages 211'
hold lab pinlab hold --pages 13 --hold
END

# end: all four of them, and what they hold.
end()
{
	kill $(cat /tmp/mine.pid /tmp/other.pid /tmp/user.pid /tmp/lab.pid)
	sleep 1
}

# rows NAME WANTED HIDDEN OPTION...: of pinleak's last look, "pins:name:class" each, in their order;
# and how many rows the filters leave out.
rows()
{
	local name=$1 want=$2 hidden=$3
	shift 3
	pinleak -j "$@" >/tmp/out 2>/tmp/err </dev/null
	is $? 0 "$name: exit code" || note /tmp/err
	tail -n 1 /tmp/out >/tmp/look.json
	flat look
	is "$(sed -n 's/^rows\.\([0-9]*\)\.pins=.*/\1/p' /tmp/look | while read -r at; do
		printf '%s ' "$(get look "rows.$at.pins"):$(get look "rows.$at.comm"):$(get look "rows.$at.class")"
	done)" "$want" "$name: its rows" || note /tmp/out
	is "$(get look hidden_rows)" "$hidden" "$name: how many are left out"
}

# before NAME WANTED HIDDEN OPTION...: the same of what was there before.
before()
{
	rows "$@" -n 1 -i 0.5
}

mkdir -p /etc
printf '%s\n' root:x:0:0::/:/bin/sh pinner:x:4242:4242::/:/bin/sh >/etc/passwd
cp "$(command -v pinsim)" /tmp/otherpin
mine=101:pinsim:held other=307:otherpin:held user=211:pinsim:held lab=13:pinlab:held

# --- of the whole machine ------------------------------------------------------------------------

. /tmp/four
before 'no filter' "$other $user $mine $lab " 0
before 'names, a pattern' "$other $lab " 2 -c 'other*' -c pin[a-l]ab
before 'user' "$user " 3 -u 4242
before 'user, the first rows' "$other $mine " 1 -u root -T 2
before 'sizes' "$user $mine " 2 -z $((101 * 4))K -Z $((211 * 4))K
before 'processes' "$mine $lab " 2 -p "$(cat /tmp/mine.pid),$(cat /tmp/lab.pid)"
end

# --- of a command ----------------------------------------------------------------------------------

# The functions for it, as well.
sed -n '/^hold()/,/^}/p' "/t/$test.sh" >/tmp/command
cat /tmp/four >>/tmp/command
rows 'driver' "$lab " 3 -d pinlab -- sh /tmp/command
end
rows 'drivers, a pattern, name, the first rows' "$user $mine " 1 -d 'io_*' -d pinlab -c 'pin*' -T 2 -- sh /tmp/command
end
